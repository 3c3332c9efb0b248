"""Graph algorithms: BFS, Dijkstra, A*, topological order, components, MST."""
import heapq
from collections import defaultdict, deque
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

ROADS = """
Arad Zerind 75; Arad Sibiu 140; Arad Timisoara 118; Zerind Oradea 71; Oradea Sibiu 151
Timisoara Lugoj 111; Lugoj Mehadia 70; Mehadia Drobeta 75; Drobeta Craiova 120
Craiova Rimnicu 146; Craiova Pitesti 138; Rimnicu Sibiu 80; Rimnicu Pitesti 97
Sibiu Fagaras 99; Fagaras Bucharest 211; Pitesti Bucharest 101; Giurgiu Bucharest 90
"""

MAZE = """\
#####################
#S....#.......#.....#
###.#.#.#####.#.###.#
#...#...#...#...#...#
#.#####.#.#.#####.###
#.....#...#.......#E#
#.###.#####.#####.#.#
#...#...........#...#
#####################"""


def parse_roads(text):
    graph = defaultdict(dict)
    for record in text.replace("\n", ";").split(";"):
        if record.strip():
            a, b, distance = record.split()
            graph[a][b] = graph[b][a] = int(distance)
    return graph


def bfs(graph, start, goal):
    parents, todo = {start: None}, deque([start])
    while todo:
        node = todo.popleft()
        if node == goal:
            break
        for other in sorted(graph[node]):
            if other not in parents:
                parents[other] = node
                todo.append(other)
    path = []
    while goal is not None:
        path.append(goal)
        goal = parents[goal]
    return path[::-1]


def dijkstra(graph, start):
    distance, heap = {start: 0}, [(0, start)]
    while heap:
        d, node = heapq.heappop(heap)
        if d > distance[node]:
            continue
        for other, cost in graph[node].items():
            if d + cost < distance.get(other, float("inf")):
                distance[other] = d + cost
                heapq.heappush(heap, (d + cost, other))
    return distance


def a_star(rows):
    spot = {ch: (r, c) for r, row in enumerate(rows) for c, ch in enumerate(row) if ch in "SE"}
    start, end = spot["S"], spot["E"]

    def guess(p):
        return abs(p[0] - end[0]) + abs(p[1] - end[1])

    heap, cost, came = [(guess(start), start)], {start: 0}, {}
    while heap:
        _, here = heapq.heappop(heap)
        if here == end:
            path = []
            while here in came:
                here = came[here]
                path.append(here)
            return path[:-1], len(cost)
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            there = here[0] + dr, here[1] + dc
            if rows[there[0]][there[1]] != "#" and there not in cost:
                cost[there], came[there] = cost[here] + 1, here
                heapq.heappush(heap, (cost[there] + guess(there), there))
    return None, len(cost)


def spanning_tree(graph):
    leader = {node: node for node in graph}

    def find(node):
        while leader[node] != node:
            leader[node] = node = leader[leader[node]]
        return node

    edges = sorted((w, a, b) for a in graph for b, w in graph[a].items() if a < b)
    for weight, a, b in edges:
        if find(a) != find(b):
            leader[find(a)] = find(b)
            yield weight, a, b


def main():
    graph = parse_roads(ROADS)
    path = bfs(graph, "Arad", "Bucharest")
    print("fewest roads:", " > ".join(path), sum(graph[a][b] for a, b in pairwise(path)), "km")
    for city, km in sorted(dijkstra(graph, "Arad").items(), key=lambda kv: (kv[1], kv[0])):
        print(f"  {city:<10}{km:>5}")
    tree = list(spanning_tree(graph))
    print("spanning tree:", len(tree), "edges,", sum(w for w, _, _ in tree), "km, longest", max(tree))

    rows = [list(row) for row in MAZE.splitlines()]
    route, visited = a_star(rows)
    print(f"maze: {len(route)} steps between, {visited} cells seen")
    for r, c in route:
        rows[r][c] = "+"
    print("\n".join(map("".join, rows)))

    recipe = {"cake": ["batter", "oven"], "batter": ["eggs", "flour"], "icing": ["sugar"], "party": ["cake", "icing"]}
    sorter = TopologicalSorter(recipe)
    sorter.prepare()
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        print("ready:", *ready)
        sorter.done(*ready)
    try:
        list(TopologicalSorter({"a": ["b"], "b": ["c"], "c": ["a"]}).static_order())
    except CycleError as error:
        print("cycle:", sorted(set(error.args[1])))


if __name__ == "__main__":
    main()
