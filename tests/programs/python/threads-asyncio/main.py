"""Threads, a thread pool and asyncio, with output put in a fixed order."""
import asyncio
import queue
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed


class Account:
    def __init__(self, balance=0):
        self.balance, self._lock = balance, threading.Lock()

    def deposit(self, amount):
        with self._lock:
            current = self.balance
            self.balance = current + amount


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def pipeline(numbers):
    """Two worker threads between an input queue and a result dict."""
    todo, results, guard = queue.Queue(maxsize=4), {}, threading.Lock()

    def worker():
        while (item := todo.get()) is not None:
            value = collatz(item)
            with guard:
                results[item] = value
            todo.task_done()
        todo.task_done()

    threads = [threading.Thread(target=worker, name=f"worker-{i}") for i in range(2)]
    for thread in threads:
        thread.start()
    for number in numbers:
        todo.put(number)
    for _ in threads:
        todo.put(None)
    todo.join()
    for thread in threads:
        thread.join()
    return dict(sorted(results.items()))


def ping_pong(rounds):
    log, turn, condition = [], ["ping"], threading.Condition()

    def player(me, other):
        for number in range(rounds):
            with condition:
                condition.wait_for(lambda: turn[0] == me)
                log.append(f"{me}{number}")
                turn[0] = other
                condition.notify_all()

    pair = [threading.Thread(target=player, args=names) for names in (("pong", "ping"), ("ping", "pong"))]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    return log


async def producer(name, count, channel):
    for i in range(count):
        await channel.put((name, i))
        await asyncio.sleep(0)


async def consumer(channel, seen):
    while True:
        seen.append(await channel.get())
        channel.task_done()


async def fail_at(n):
    await asyncio.sleep(0)
    if n % 2:
        raise ValueError(f"odd {n}")
    return n * n


async def async_part():
    channel, seen = asyncio.Queue(3), []
    reader = asyncio.create_task(consumer(channel, seen))
    await asyncio.gather(*(producer(name, 3, channel) for name in "abc"))
    await channel.join()
    reader.cancel()
    outcome = await asyncio.gather(reader, return_exceptions=True)
    print("queue:", sorted(seen), "reader:", type(outcome[0]).__name__)
    print("gather:", await asyncio.gather(*map(fail_at, range(4)), return_exceptions=True))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        print("timed out as expected")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail_at(2))
            group.create_task(fail_at(3))
    except* ValueError as errors:
        print("group failed:", [str(e) for e in errors.exceptions])


def main():
    account = Account()
    workers = [threading.Thread(target=lambda: [account.deposit(1) for _ in range(2000)]) for _ in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    print("balance:", account.balance)
    print("pipeline:", pipeline([27, 97, 6, 7, 871, 1, 703]))
    print("ping-pong:", *ping_pong(4))
    with ThreadPoolExecutor(max_workers=3) as pool:
        futures = {pool.submit(pow, 3, n, 1000007): n for n in range(10, 60, 10)}
        print("as completed:", sorted((futures[f], f.result()) for f in as_completed(futures)))
        print("map:", list(pool.map(collatz, range(1, 12))))
    asyncio.run(async_part())
    print("threads left:", threading.active_count())


if __name__ == "__main__":
    main()
