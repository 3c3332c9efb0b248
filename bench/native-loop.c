/* Starts a program cold, again and again, and measures: what a server is compared with.
 *
 *   native-loop latency COUNT        STDIN EXPECTED STAGE...    prints the microseconds of each
 *   native-loop load CLIENTS SECONDS STDIN EXPECTED STAGE...    prints how many ended, and after how many seconds
 *
 * STAGE is `--stage [-e NAME=VALUE]... COMMAND ARGUMENT...`. The last one reads STDIN and must write what EXPECTED holds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STAGES = 8, VARIABLES = 256 };

struct stage {
    char **argv;
    char *environment[VARIABLES];
};

static struct stage stages[STAGES];
static int stage_count;
static const char *input;
static char *expected;
static size_t expected_bytes;
extern char **environ;

static void die(const char *what) {
    fprintf(stderr, "native-loop: %s: %s\n", what, strerror(errno));
    exit(2);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void read_expected(const char *path) {
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) die(path);
    expected_bytes = (size_t)status.st_size;
    expected = malloc(expected_bytes + 1);
    if (!expected || read(file, expected, expected_bytes) != (ssize_t)expected_bytes) die(path);
    close(file);
}

/* Reads to the end of the file; whether it was what is expected. */
static int is_expected(int file) {
    static char piece[65536];
    size_t seen = 0;
    int right = 1;
    for (;;) {
        ssize_t count = read(file, piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) die("read");
        if (count == 0) return right && seen == expected_bytes;
        if (seen + (size_t)count > expected_bytes || memcmp(expected + seen, piece, (size_t)count) != 0) right = 0;
        seen += (size_t)count;
    }
}

static void run_stage(struct stage *stage, int last) {
    int pipes[2] = {-1, -1};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, last ? input : "/dev/null", O_RDONLY, 0);
    if (last) {
        if (pipe2(pipes, O_CLOEXEC) != 0) die("pipe");
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
    } else {
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    }
    pid_t child;
    errno = posix_spawnp(&child, stage->argv[0], &actions, NULL, stage->argv, stage->environment);
    if (errno != 0) die(stage->argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    int right = 1;
    if (last) {
        close(pipes[1]);
        right = is_expected(pipes[0]);
        close(pipes[0]);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) die("wait");
    if (!right || status != 0) {
        fprintf(stderr, "native-loop: %s: %s, status %d\n", stage->argv[0], right ? "failed" : "wrong output", status);
        exit(1);
    }
}

static void run_once(void) {
    for (int index = 0; index < stage_count; index++) run_stage(&stages[index], index == stage_count - 1);
}

static void parse_stages(char **argument) {
    while (*argument) {
        if (strcmp(*argument, "--stage") != 0 || stage_count == STAGES) die("--stage expected");
        *argument++ = NULL;
        struct stage *stage = &stages[stage_count++];
        int variables = 0;
        while (*argument && strcmp(*argument, "-e") == 0) {
            stage->environment[variables++] = argument[1];
            argument += 2;
        }
        for (char **inherited = environ; *inherited && variables < VARIABLES - 1; inherited++)
            stage->environment[variables++] = *inherited;
        stage->argv = argument;
        while (*argument && strcmp(*argument, "--stage") != 0) argument++;
    }
    if (stage_count == 0) die("no stage");
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind;
    return place->level > 0 ? remove(path) : 0;
}

/* What an earlier start has built must not spare the next one work: some compilers leave a file that is up to date. */
static void forget_builds(void) {
    if (nftw("/build", remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) die("/build");
}

static void latency(int count) {
    for (int index = 0; index < count; index++) {
        forget_builds();
        double begun = now();
        run_once();
        printf("%.1f\n", (now() - begun) * 1e6);
    }
}

static void load(int clients, double seconds) {
    long *ended = mmap(NULL, sizeof *ended * (size_t)clients, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (ended == MAP_FAILED) die("mmap");
    double begun = now();
    for (int client = 0; client < clients; client++) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (child == 0) {
            while (now() - begun < seconds) {
                run_once();
                ended[client]++;
            }
            _exit(0);
        }
    }
    int status, failed = 0;
    while (wait(&status) > 0) failed |= status;
    double took = now() - begun;
    long sum = 0;
    for (int client = 0; client < clients; client++) sum += ended[client];
    printf("%ld %.6f\n", sum, took);
    if (failed) exit(1);
}

int main(int count, char **argument) {
    int is_load = count > 2 && strcmp(argument[1], "load") == 0;
    int first = is_load ? 4 : 3;
    if (count < first + 3) die("usage: latency COUNT | load CLIENTS SECONDS, then STDIN EXPECTED --stage ...");
    input = argument[first];
    read_expected(argument[first + 1]);
    parse_stages(argument + first + 2);
    if (is_load) load(atoi(argument[2]), atof(argument[3]));
    else latency(atoi(argument[2]));
    return 0;
}
