// Generated from openapi/openapi.json by `npm run api`. Not to be edited.

export interface paths {
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a program
         * @description Runs the files in a fresh sandbox and answers what became of them. A program that fails is an answer, not an error: look at `outcome`.
         *
         *     With `Accept: text/event-stream` the answer comes as server-sent events while it happens: each event's name is its `type`, its data is JSON on one line. The last is `done`, whose data is the whole run, or `problem`. What is wrong with the request is answered as a problem before any event.
         *
         *     Hanging up cancels the run.
         *
         *     Needs an API key with the scope `run` where the operator has not left it open.
         */
        post: operations["createRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a program and watch it
         * @description The same as running it with `Accept: text/event-stream`, for generated clients: they choose by the operation what they make of an answer.
         *
         *     Needs an API key with the scope `run` where the operator has not left it open.
         */
        post: operations["streamRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run a program and talk to it
         * @description A WebSocket of JSON text messages. The client's first is `start` (within 10 s): the fields of a `RunRequest`, and `terminal` when the program shall have a pseudo-terminal as its three streams and as its controlling terminal; else it has three pipes. Then `stdin`, `stdin_end`, `signal` and `resize` as it likes: schema `ClientMessage`.
         *
         *     The server says what `POST /api/v1/runs` says as events, as one message each: schema `RunEvent`. A terminal's output is all `stdout`. `warning` is told 10 s (or half of a shorter limit) before the program has run, or was without input and output, for as long as it may; then it ends as `timed_out`. `problem` says which message could not be understood; the run goes on.
         *
         *     The runtime's ceilings hold but for wall time, in whose place the server's limits for interactive programs stand; on a terminal, four times its output may be written. Closing the connection cancels the run.
         *
         *     The server closes with 1000 after `done`, with 1008 when the first message is wrong, 1009 when a message is too large, 1013 when the run cannot be served now; a `problem` comes before. Pages of other origins are refused.
         *
         *     Needs an API key with the scope `run` where the operator has not left it open.
         */
        get: operations["interactWithRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runtimes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the runtimes
         * @description Every language at every version that the server knows, by language and falling version, whether it can be used now or not.
         */
        get: operations["listRuntimes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snippets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List public snippets
         * @description The newest first. `after` is the `cursor` of the last one of the page before.
         *
         *     With an edit token (`Edit-Token: <edit_token>`) those that belong to it, unlisted ones too.
         *
         *     Needs an API key with the scope `snippets` where the operator has not left it open.
         */
        get: operations["listSnippets"];
        put?: never;
        /**
         * Save a program
         * @description Gives it a link of its own, under which it never changes. `edit_token` removes it again and is told only here.
         *
         *     With an `Idempotency-Key`, the same request can be sent again without saving twice, as long as the snippet is there. Each API key has idempotency keys of its own; those who have none share theirs, so make them random.
         *
         *     Needs an API key with the scope `snippets` where the operator has not left it open.
         */
        post: operations["createSnippet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snippets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open a snippet
         * @description The program as it was saved, and the run that was saved with it.
         *
         *     Needs an API key with the scope `snippets` where the operator has not left it open.
         */
        get: operations["getSnippet"];
        put?: never;
        post?: never;
        /**
         * Remove a snippet
         * @description Takes the `edit_token` that came when it was saved: `Authorization: Bearer <edit_token>`.
         *
         *     Needs an API key with the scope `snippets` where the operator has not left it open.
         */
        delete: operations["deleteSnippet"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snippets/{id}/raw/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One file of a snippet
         * @description As plain text, whatever it is, or as bytes where it is not text: a browser shows it and executes nothing.
         *
         *     Needs an API key with the scope `snippets` where the operator has not left it open.
         */
        get: operations["getSnippetFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snippets/{id}/forks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Save a changed copy
         * @description The new snippet names the one that it comes from as its `parent`, where that one is public.
         *
         *     Needs an API key with the scope `snippets` where the operator has not left it open.
         */
        post: operations["forkSnippet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snippets/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where a snippet comes from
         * @description What it was forked from, and what was forked from it. Of both only what is public: an unlisted snippet is found by its link alone.
         *
         *     Needs an API key with the scope `snippets` where the operator has not left it open.
         */
        get: operations["getSnippetHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/snippets/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a snippet again
         * @description On the version that it asks for, or on another one: does it still give what was recorded with it? `comparison` says so.
         *
         *     Hanging up cancels the run.
         *
         *     Needs an API key with the scopes `run` and `snippets` where the operator has not left it open.
         */
        post: operations["runSnippet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How the server does
         * @description Its engine, how programs are kept apart and why so, its runtimes, and how busy it is.
         */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the server lives
         * @description Answers as long as the process does. Says nothing of whether programs can run: that is `/readyz`.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether programs can run
         * @description Ready means that the engine answers, at least one runtime is ready, and the server has not been asked to stop.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which server this is
         * @description Its name, its version, and the commit that it was built from where that is known.
         */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/runtimes/{id}/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rebuild a runtime
         * @description Makes its image anew and proves it, in the background: `pending` of the listing says how far it is. The version before serves until then, and goes on where it fails.
         *
         *     Always needs an API key with the scope `admin`.
         */
        post: operations["rebuildRuntime"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/runtimes/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable a runtime
         * @description Takes one into use again that is disabled: it is prepared as its folder says now, in the background. One that is not disabled is left as it is.
         *
         *     Always needs an API key with the scope `admin`.
         */
        post: operations["enableRuntime"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/runtimes/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable a runtime
         * @description Takes it out of use, also over restarts and changes of its folder, until it is enabled. Programs that run finish.
         *
         *     Always needs an API key with the scope `admin`.
         */
        post: operations["disableRuntime"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Artifact
         * @description A file that a run left behind and that its runtime lets out.
         */
        Artifact: {
            /** @description Relative to `out/`. */
            name: string;
            /** @description What it is: `image/png`. */
            media_type: string;
            /** @description Its text, or its bytes in base64. */
            content: string;
            /** @description How `content` is written. */
            encoding: components["schemas"]["Encoding"];
        };
        /**
         * Comparison
         * @description Whether a run gave what another one had given.
         */
        Comparison: {
            /** @description The answer in one word. */
            result: components["schemas"]["Verdict"];
            /** @description What differs. Times and memory never count. */
            differences: components["schemas"]["Difference"][];
        };
        /**
         * Difference
         * @description One thing that differs.
         */
        Difference: {
            /** @description In which stage. Absent: in the run as a whole. */
            stage?: string;
            /** @description `outcome`, `stages`, `exit_code`, `signal`, `stdout` or `stderr`. */
            what: string;
            /** @description As it was, shortened where it is long. */
            recorded: string;
            /** @description As it is now, shortened where it is long. */
            now: string;
            /** @description The lines that differ, as `diff -u` writes them. */
            diff?: string;
        };
        /**
         * Editor
         * @description What an editor opens with.
         */
        Editor: {
            /** @description The highlighting mode. */
            mode: string;
            /** @description The main file's name. */
            file: string;
            /** @description Its text. */
            template: string;
        };
        /**
         * @description How bytes are written in JSON.
         * @enum {string}
         */
        Encoding: "utf-8" | "base64";
        /**
         * Engine
         * @description Where programs run.
         */
        Engine: {
            /** @description `docker` or `local` */
            kind: string;
            /** @description Its version. */
            version: string;
            /** @description Where it answers. */
            address: string;
            /** @description Why it does not answer, when it does not. */
            problem?: string;
        };
        /**
         * Example
         * @description A program that is known to work.
         */
        Example: {
            /** @description For people. */
            name: string;
            /** @description The first is the main file. */
            files: components["schemas"]["ExampleFile"][];
            /** @description What the program reads on its standard input. */
            stdin: string;
            /** @description The program's arguments. */
            args: string[];
        };
        /**
         * ExampleFile
         * @description A file of an example.
         */
        ExampleFile: {
            /** @description Relative path. */
            name: string;
            /** @description Its text. */
            content: string;
        };
        /**
         * File
         * @description A file of a program.
         */
        File: {
            /** @description Relative path: `main.py`, `lib/util.py`. Without `..`. */
            name: string;
            /** @description Its text, or its bytes in base64. */
            content: string;
            /** @description How `content` is written; `utf-8` when absent. */
            encoding?: (string & components["schemas"]["Encoding"]) | null;
        };
        /**
         * Health
         * @description All is well.
         */
        Health: {
            /** @description `ok` */
            status: string;
        };
        /**
         * Isolation
         * @description How programs are kept apart.
         */
        Isolation: {
            /** @description `nested` or `single-use` */
            mode: string;
            /** @description Why this one. */
            reason: string;
            /**
             * Format: uint32
             * @description The version of the kernel's Landlock that holds programs besides; 0 when there is none, or it is not known yet.
             */
            landlock_abi: number;
        };
        /**
         * Limits
         * @description What a program may use at most, in its run stage.
         */
        Limits: {
            /**
             * Format: uint64
             * @description Milliseconds from start to end.
             */
            wall_ms: number;
            /**
             * Format: uint64
             * @description Milliseconds of CPU time, all processes together.
             */
            cpu_ms: number;
            /**
             * Format: uint64
             * @description Bytes of memory.
             */
            memory_bytes: number;
            /**
             * Format: uint32
             * @description Processes and threads at a time.
             */
            processes: number;
            /**
             * Format: uint64
             * @description Bytes of stdout and stderr together.
             */
            output_bytes: number;
            /**
             * Format: uint64
             * @description Bytes of all files in each writable folder.
             */
            files_bytes: number;
            /**
             * Format: uint64
             * @description Bytes of one file.
             */
            file_bytes: number;
        };
        /**
         * LimitsAsked
         * @description What a run may use; each at most the runtime's ceiling, as `GET /api/v1/runtimes` has it.
         */
        LimitsAsked: {
            /**
             * Format: uint64
             * @description Milliseconds from a stage's start to its end.
             */
            wall_ms?: number | null;
            /**
             * Format: uint64
             * @description Milliseconds of CPU time of a stage, all processes together.
             */
            cpu_ms?: number | null;
            /**
             * Format: uint64
             * @description Bytes of memory.
             */
            memory_bytes?: number | null;
            /**
             * Format: uint32
             * @description Processes and threads at a time.
             */
            processes?: number | null;
            /**
             * Format: uint64
             * @description Bytes of stdout and stderr together.
             */
            output_bytes?: number | null;
        };
        /**
         * Measured
         * @description What a runtime's self-test measured.
         */
        Measured: {
            /**
             * Format: double
             * @description Milliseconds that its first sample took from request to end.
             */
            start_ms: number;
        };
        /**
         * NewSnippet
         * @description A program to save.
         */
        NewSnippet: {
            /** @description Name or alias of a language. */
            language: string;
            /** @description A range of versions. Absent: whatever is the highest when it is run. */
            version?: string | null;
            /** @description The program. The first is the main file. */
            files: components["schemas"]["File"][];
            /** @description What the program reads on its standard input. */
            stdin?: string | null;
            /** @description The program's arguments. */
            args?: string[] | null;
            /** @description One line for people. */
            title?: string | null;
            /** @description More for people. */
            description?: string | null;
            /** @description Who finds it; `unlisted` when absent. */
            visibility?: (string & components["schemas"]["Visibility"]) | null;
            /**
             * Format: uint64
             * @description Seconds after which it goes by itself. Absent: never.
             */
            expires_in_s?: number | null;
            /** @description A run of this program, as the server answered it, to be shown with it. It is taken as it comes: nobody checks that this program ran so. */
            run?: components["schemas"]["Run"] | null;
            /** @description The edit token of an earlier snippet, so that this one belongs to the same. Absent: it gets its own. */
            edit_token?: string | null;
        };
        /**
         * @description How a run ended.
         * @enum {string}
         */
        Outcome: "succeeded" | "failed" | "compile_failed" | "timed_out" | "out_of_memory" | "output_limit" | "cancelled" | "internal_error";
        /**
         * PendingChange
         * @description A changed definition that is not in force.
         */
        PendingChange: {
            /** @description `preparing` or `unavailable`. */
            status: components["schemas"]["PendingStatus"];
            /** @description Why the change cannot be used, and what to do. */
            reason?: string;
            /** @description What is done now, while the change is being prepared. */
            step?: string;
        };
        /**
         * @description What becomes of a changed definition.
         * @enum {string}
         */
        PendingStatus: "preparing" | "unavailable";
        /**
         * Problem
         * @description An error, as RFC 9457 has it.
         */
        Problem: {
            /** @description Which kind of problem: a reference that answers with an explanation of it. */
            type: string;
            /** @description The kind in a few words. */
            title: string;
            /**
             * Format: uint16
             * @description The HTTP status again.
             */
            status: number;
            /** @description What is wrong this time, and what would be right. */
            detail: string;
            /** @description Which field of the body is wrong, as a path: `files[1].name`. */
            field?: string;
            /** @description What would have been known instead: languages, versions, fields, media types. */
            known?: string[];
        };
        /**
         * @description What to do with a program.
         * @enum {string}
         */
        Purpose: "run" | "format";
        /**
         * Run
         * @description A run that is over.
         */
        Run: {
            /**
             * Format: uuid
             * @description Its id; ids sort by time.
             */
            id: string;
            /** @description What ran it. */
            runtime: components["schemas"]["RuntimeRef"];
            /** @description How it ended. */
            outcome: components["schemas"]["Outcome"];
            /** @description Its stages, in order; those that were not reached are missing. */
            stages: components["schemas"]["Stage"][];
            /** @description Files that it left in `out/` and that its runtime lets out, in the order of their names. */
            artifacts: components["schemas"]["Artifact"][];
            /**
             * Format: uint32
             * @description How many more such files there were: beyond a bound, or not plain files.
             */
            artifacts_left_out: number;
            /**
             * Format: double
             * @description Milliseconds that it waited for a place.
             */
            queue_ms: number;
            /**
             * Format: double
             * @description Milliseconds from request to end.
             */
            total_ms: number;
            /** @description Whether a process that had already started took it. */
            warm: boolean;
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent: components["schemas"]["RunEvent_Queued"] | components["schemas"]["RunEvent_Started"] | components["schemas"]["RunEvent_StageBegun"] | components["schemas"]["RunEvent_Stdout"] | components["schemas"]["RunEvent_Stderr"] | components["schemas"]["RunEvent_Warning"] | components["schemas"]["RunEvent_StageEnd"] | components["schemas"]["RunEvent_Artifact"] | components["schemas"]["RunEvent_Run"] | components["schemas"]["RunEvent_Refused"];
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Artifact: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "artifact";
            /** @description Relative to `out/`. */
            name: string;
            /** @description What it is: `image/png`. */
            media_type: string;
            /** @description Its text, or its bytes in base64. */
            content: string;
            /** @description How `content` is written. */
            encoding: components["schemas"]["Encoding"];
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Queued: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "queued";
            /**
             * Format: uint64
             * @description 1: next.
             */
            position: number;
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Refused: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "problem";
            /** @description What the same request would be answered with, had it been refused at once. */
            problem: components["schemas"]["Problem"];
            /**
             * Format: uint64
             * @description Seconds after which to try again.
             */
            retry_after?: number;
            /** @description As in `problem`. */
            title: string;
            /**
             * Format: uint16
             * @description As in `problem`.
             */
            status: number;
            /** @description As in `problem`. */
            detail: string;
            /** @description As in `problem`. */
            field?: string;
            /** @description As in `problem`. */
            known?: string[];
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Run: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "done";
            /**
             * Format: uuid
             * @description Its id; ids sort by time.
             */
            id: string;
            /** @description What ran it. */
            runtime: components["schemas"]["RuntimeRef"];
            /** @description How it ended. */
            outcome: components["schemas"]["Outcome"];
            /** @description Its stages, in order; those that were not reached are missing. */
            stages: components["schemas"]["Stage"][];
            /** @description Files that it left in `out/` and that its runtime lets out, in the order of their names. */
            artifacts: components["schemas"]["Artifact"][];
            /**
             * Format: uint32
             * @description How many more such files there were: beyond a bound, or not plain files.
             */
            artifacts_left_out: number;
            /**
             * Format: double
             * @description Milliseconds that it waited for a place.
             */
            queue_ms: number;
            /**
             * Format: double
             * @description Milliseconds from request to end.
             */
            total_ms: number;
            /** @description Whether a process that had already started took it. */
            warm: boolean;
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_StageBegun: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "stage";
            /** @description `compile`, `run` or `format`. */
            name: string;
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_StageEnd: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "stage_end";
            /** @description `compile`, `run` or `format`. */
            name: string;
            /**
             * Format: int32
             * @description What the main process exited with; `null` when a signal ended it.
             */
            exit_code: number | null;
            /**
             * Format: int32
             * @description The number of the signal that ended the main process; `null` when it exited.
             */
            signal: number | null;
            /** @description Whether output was cut off because it was too much. */
            truncated: boolean;
            /**
             * Format: double
             * @description Milliseconds from start to end.
             */
            wall_ms: number;
            /**
             * Format: double
             * @description Milliseconds of CPU time, all processes together.
             */
            cpu_ms: number;
            /**
             * Format: uint64
             * @description The most memory that it had at a time.
             */
            peak_memory_bytes: number;
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Started: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "started";
            /**
             * Format: uuid
             * @description The run's id.
             */
            id: string;
            /** @description What runs it. */
            runtime: components["schemas"]["RuntimeRef"];
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Stderr: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "stderr";
            /** @description What it wrote. */
            text: string;
            /**
             * Format: uint64
             * @description Milliseconds since the stage began.
             */
            at_ms: number;
            /** @description There when `text` is in base64, because it is not valid UTF-8. */
            encoding?: components["schemas"]["Encoding"];
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Stdout: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "stdout";
            /** @description What it wrote. */
            text: string;
            /**
             * Format: uint64
             * @description Milliseconds since the stage began.
             */
            at_ms: number;
            /** @description There when `text` is in base64, because it is not valid UTF-8. */
            encoding?: components["schemas"]["Encoding"];
        };
        /** @description Something that happened in a run. `type` is also the name of the server-sent event. */
        RunEvent_Warning: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "warning";
            /** @description Which. */
            reason: components["schemas"]["WarningReason"];
            /**
             * Format: uint64
             * @description Milliseconds until then.
             */
            remaining_ms: number;
        };
        /**
         * RunRequest
         * @description A program to run.
         */
        RunRequest: {
            /** @description Name or alias of a language, in any case: `python`, `py`, `C++`. */
            language: string;
            /** @description Which version, as a range: `3.13`, `^3.11`, `>=3.10 <3.13`. Absent or empty: the highest there is. */
            version?: string | null;
            /** @description The program. The first is the main file. */
            files: components["schemas"]["File"][];
            /** @description What the program reads on its standard input. */
            stdin?: string | null;
            /** @description The program's arguments. */
            args?: string[] | null;
            /** @description Environment variables, on top of the runtime's. */
            env?: {
                [key: string]: string;
            } | null;
            /** @description Less than the runtime's ceilings, where said. */
            limits?: components["schemas"]["LimitsAsked"] | null;
            /** @description What to do with the program: `run` (also when absent) or `format`. */
            stage?: (string & components["schemas"]["Purpose"]) | null;
        };
        /**
         * RunSnippet
         * @description How to run a snippet again.
         */
        RunSnippet: {
            /** @description A range of versions to run it on, in place of its own. */
            version?: string | null;
        };
        /**
         * Runtime
         * @description One language at one version.
         */
        Runtime: {
            /** @description `python-3.13` */
            id: string;
            /** @description What to send as `language`: `python` */
            language: string;
            /** @description Exact (`3.13.5`) once it is known, else the line that the definition names (`3.13`). */
            version: string;
            /** @description Further names that `language` may have: `py`, `python3` */
            aliases: string[];
            /** @description For people: `Python` */
            name: string;
            /** @description Whether it can be used. */
            status: components["schemas"]["RuntimeStatus"];
            /** @description Why it is unavailable, and what to do. */
            reason?: string;
            /** @description What is done now, while it is being prepared. */
            step?: string;
            /** @description What becomes of a change of its definition: as long as this stands here, the version before serves, and everything else in this object is of that one. */
            pending?: components["schemas"]["PendingChange"];
            /** @description What an editor opens with. */
            editor?: components["schemas"]["Editor"];
            /** @description File endings of sources, without the dot. */
            extensions: string[];
            /** @description Regular expressions, the same to Rust and to browsers, that find places in a line of what its compiler or its tracebacks say, by the named groups `line`, `file`, `column`, `severity`, `message`. One with `message` alone finds what went wrong at the places around it. */
            diagnostics: string[];
            /** @description Programs to begin with. */
            examples: components["schemas"]["Example"][];
            /** @description The stages that it has: `compile`, `run`, `format`. */
            stages: string[];
            /** @description What a program may use at most. */
            limits?: components["schemas"]["Limits"];
            /** @description What its self-test measured. */
            measured?: components["schemas"]["Measured"];
        };
        /**
         * RuntimeCounts
         * @description How many runtimes there are in each state.
         */
        RuntimeCounts: {
            /**
             * Format: uint64
             * @description Usable.
             */
            ready: number;
            /**
             * Format: uint64
             * @description Being prepared.
             */
            preparing: number;
            /**
             * Format: uint64
             * @description Not usable.
             */
            unavailable: number;
        };
        /**
         * RuntimeRef
         * @description Which runtime ran a program.
         */
        RuntimeRef: {
            /** @description `python-3.13` */
            id: string;
            /** @description `python` */
            language: string;
            /** @description Exact: `3.13.5` */
            version: string;
            /** @description For people: `Python` */
            name: string;
        };
        /**
         * @description Whether a runtime can be used.
         * @enum {string}
         */
        RuntimeStatus: "ready" | "preparing" | "unavailable";
        /**
         * SavedSnippet
         * @description A program that has been saved.
         */
        SavedSnippet: {
            /** @description Its id. */
            id: string;
            /** @description Where people open it. */
            url: string;
            /** @description When it was made. */
            created_at: string;
            /** @description Removes it. Told only once: keep it. */
            edit_token?: string;
        };
        /**
         * Snippet
         * @description A saved program. It never changes.
         */
        Snippet: {
            /** @description Its id. */
            id: string;
            /** @description Where people open it. */
            url: string;
            /** @description Name or alias of its language. */
            language: string;
            /** @description The range of versions that was asked for. */
            version?: string;
            /** @description The program. The first is the main file. */
            files: components["schemas"]["File"][];
            /** @description What the program reads on its standard input. */
            stdin: string;
            /** @description The program's arguments. */
            args: string[];
            /** @description One line for people. */
            title: string;
            /** @description More for people. */
            description: string;
            /** @description Who finds it. */
            visibility: components["schemas"]["Visibility"];
            /** @description The snippet that it was forked from, where that one is public and still there. */
            parent?: string;
            /** @description When it was made. */
            created_at: string;
            /** @description When it goes by itself. */
            expires_at?: string;
            /** @description A run of this program that was saved with it. It is what whoever saved it says: running the snippet again tells whether it is so. */
            run?: components["schemas"]["Run"];
        };
        /**
         * SnippetHistory
         * @description Where a snippet comes from and what came of it.
         */
        SnippetHistory: {
            /** @description What it was forked from, the nearest first, as far as it is public and still there. */
            parents: components["schemas"]["SnippetSummary"][];
            /** @description Its public forks, the oldest first, at most a hundred. */
            forks: components["schemas"]["SnippetSummary"][];
        };
        /**
         * SnippetRun
         * @description A snippet that has been run again.
         */
        SnippetRun: {
            /** @description What became of it now. */
            run: components["schemas"]["Run"];
            /** @description Whether that is what was recorded with it. */
            comparison: components["schemas"]["Comparison"];
        };
        /**
         * SnippetSummary
         * @description A snippet in a list.
         */
        SnippetSummary: {
            /** @description Its id. */
            id: string;
            /** @description Where people open it. */
            url: string;
            /** @description Its language. */
            language: string;
            /** @description One line for people. */
            title: string;
            /** @description When it was made. */
            created_at: string;
            /** @description What `after` takes, so that a list goes on behind this one. */
            cursor: string;
        };
        /**
         * Stage
         * @description One stage of a run.
         */
        Stage: {
            /** @description `compile`, `run` or `format`. */
            name: string;
            /**
             * Format: int32
             * @description What the main process exited with; `null` when a signal ended it.
             */
            exit_code: number | null;
            /**
             * Format: int32
             * @description The number of the signal that ended the main process; `null` when it exited.
             */
            signal: number | null;
            /** @description What it wrote to its standard output. */
            stdout: string;
            /** @description What it wrote to its standard error. */
            stderr: string;
            /** @description How `stdout` and `stderr` are written: both in base64 when either is not valid UTF-8. */
            encoding: components["schemas"]["Encoding"];
            /** @description Whether output was cut off because it was too much. */
            truncated: boolean;
            /**
             * Format: double
             * @description Milliseconds from start to end.
             */
            wall_ms: number;
            /**
             * Format: double
             * @description Milliseconds of CPU time, all processes together.
             */
            cpu_ms: number;
            /**
             * Format: uint64
             * @description The most memory that it had at a time.
             */
            peak_memory_bytes: number;
        };
        /**
         * Status
         * @description How the server does.
         */
        Status: {
            /** @description `ready`, `preparing` (no runtime can be used yet), `unavailable` (none can), `engine_unavailable` or `stopping`. */
            state: string;
            /** @description The same and what goes on, in a sentence for people. Its words may change. */
            summary: string;
            /** @description The server's version. */
            version: string;
            /**
             * Format: uint64
             * @description Seconds since it started.
             */
            uptime_seconds: number;
            /** @description Where programs run. */
            engine: components["schemas"]["Engine"];
            /** @description How programs are kept apart. */
            isolation: components["schemas"]["Isolation"];
            /** @description How many runtimes there are in each state. */
            runtimes: components["schemas"]["RuntimeCounts"];
            /**
             * Format: uint64
             * @description Programs that run now.
             */
            running: number;
            /**
             * Format: uint64
             * @description Requests that wait for a place.
             */
            waiting: number;
        };
        /**
         * @description Whether it is the same.
         * @enum {string}
         */
        Verdict: "same" | "different" | "nothing_recorded";
        /**
         * Version
         * @description What answers here.
         */
        Version: {
            /** @description `polyground` */
            name: string;
            /** @description The server's version. */
            version: string;
            /** @description The commit that it was built from, where known. */
            commit?: string;
        };
        /**
         * @description Who finds a snippet.
         * @enum {string}
         */
        Visibility: "unlisted" | "public";
        /**
         * @description A limit of interactive programs.
         * @enum {string}
         */
        WarningReason: "idle" | "time";
        /** @description A message from a client in an interactive run. */
        ClientMessage: components["schemas"]["ClientMessage_Start"] | components["schemas"]["ClientMessage_Input"] | components["schemas"]["ClientMessage_InputEnd"] | components["schemas"]["ClientMessage_SendSignal"] | components["schemas"]["ClientMessage_WindowSize"];
        /** @description A message from a client in an interactive run. */
        ClientMessage_Input: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "stdin";
            /** @description What it reads. */
            text: string;
            /** @description How `text` is written; `utf-8` when absent. */
            encoding?: (string & components["schemas"]["Encoding"]) | null;
        };
        /** @description A message from a client in an interactive run. */
        ClientMessage_InputEnd: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "stdin_end";
        };
        /** @description A message from a client in an interactive run. */
        ClientMessage_SendSignal: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "signal";
            /** @description Its name, with or without `SIG`: `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`, `SIGKILL`, `SIGUSR1`, `SIGUSR2`, `SIGCONT`, `SIGTSTP`. */
            signal: string;
        };
        /** @description A message from a client in an interactive run. */
        ClientMessage_Start: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "start";
            /** @description Name or alias of a language, in any case: `python`, `py`, `C++`. */
            language: string;
            /** @description Which version, as a range: `3.13`, `^3.11`, `>=3.10 <3.13`. Absent or empty: the highest there is. */
            version?: string | null;
            /** @description The program. The first is the main file. */
            files: components["schemas"]["File"][];
            /** @description What the program reads on its standard input first. */
            stdin?: string | null;
            /** @description The program's arguments. */
            args?: string[] | null;
            /** @description Environment variables, on top of the runtime's. */
            env?: {
                [key: string]: string;
            } | null;
            /** @description Less than the runtime's ceilings, where said. In place of that on wall time stands the server's for interactive programs. */
            limits?: components["schemas"]["LimitsAsked"] | null;
            /** @description `run`, also when absent. */
            stage?: (string & components["schemas"]["Purpose"]) | null;
            /** @description The size of the pseudo-terminal that the program gets as its three streams and as its controlling terminal. Absent: it gets three pipes. */
            terminal?: components["schemas"]["Terminal"] | null;
        };
        /** @description A message from a client in an interactive run. */
        ClientMessage_WindowSize: {
            /**
             * @description Which variant this is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "resize";
            /**
             * Format: uint32
             * @description From 1 to 1000.
             */
            columns: number;
            /**
             * Format: uint32
             * @description From 1 to 1000.
             */
            rows: number;
        };
        /**
         * Terminal
         * @description The size of a terminal, in characters.
         */
        Terminal: {
            /**
             * Format: uint32
             * @description From 1 to 1000.
             */
            columns: number;
            /**
             * Format: uint32
             * @description From 1 to 1000.
             */
            rows: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunRequest"];
            };
        };
        responses: {
            /** @description The run is over (`application/json`), or has begun (`text/event-stream`). */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description The body is not JSON, or cannot be read. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `Accept` rules out every form of the answer. */
            406: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body did not arrive in time. */
            408: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body, the files or the arguments are too large. */
            413: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not `application/json`, or is compressed. */
            415: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is wrong: `field` says which, `known` what it may be. */
            422: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many programs run and wait as may, of all callers or of this one. Or: the API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The runtime or the server cannot serve it now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunRequest"];
            };
        };
        responses: {
            /** @description The run has begun. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["RunEvent"];
                };
            };
            /** @description The body is not JSON, or cannot be read. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `Accept` rules out every form of the answer. */
            406: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body did not arrive in time. */
            408: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body, the files or the arguments are too large. */
            413: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not `application/json`, or is compressed. */
            415: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is wrong: `field` says which, `known` what it may be. */
            422: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many programs run and wait as may, of all callers or of this one. Or: the API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The runtime or the server cannot serve it now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    interactWithRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection is a WebSocket from here on: the client says `ClientMessage`s, the server `RunEvent`s. */
            101: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunEvent"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request comes from a page of another origin. Or: the API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The request does not ask for a WebSocket. */
            426: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many such connections are open as may. Or: the API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRuntimes: {
        parameters: {
            query?: {
                /** @description Only those of the language with this name or alias, in any case. */
                language?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The runtimes. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runtime"][];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSnippets: {
        parameters: {
            query?: {
                /** @description Those behind the one with this `cursor`, also when it has been removed since. The id of one that is still there will do. */
                after?: string;
                /** @description At most so many; 20 when absent. */
                limit?: number;
            };
            header?: {
                /** @description An edit token: those that belong to it. */
                "Edit-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnippetSummary"][];
                };
            };
            /** @description `limit` is no number from 1 to 100. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database cannot be used now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSnippet: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this request, so that it can be sent again without saving twice: 1 to 200 characters. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSnippet"];
            };
        };
        responses: {
            /** @description It is saved (or was, by an earlier request with the same key). */
            201: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSnippet"];
                };
            };
            /** @description The body is not JSON, or cannot be read; or the key is none. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such parent. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body did not arrive in time. */
            408: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key has been used for another program, or for the same with another visibility, time or owner. */
            409: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body, the files or the arguments are too large. */
            413: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not `application/json`, or is compressed. */
            415: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is wrong: `field` says which. */
            422: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database cannot be used now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's disk is full. */
            507: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSnippet: {
        parameters: {
            query?: never;
            header?: {
                /** @description The tag of what the caller has already. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The snippet's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The snippet. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description How long it may be kept. */
                    "Cache-Control": string;
                    /** @description Stands for the snippet: it never changes. */
                    Etag: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Snippet"];
                };
            };
            /** @description It is what the caller has already: `If-None-Match` names it. */
            304: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description How long it may be kept from now on. */
                    "Cache-Control": string;
                    /** @description Stands for the snippet: it never changes. */
                    Etag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such snippet, or no longer. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database cannot be used now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSnippet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The snippet's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no token in the request. Or: an API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The token is that of another snippet. Or: the API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such snippet, or no longer. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database cannot be used now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's disk is full: not even that can be noted. */
            507: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSnippetFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The tag of what the caller has already. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The snippet's id. */
                id: string;
                /** @description The file's name; a `/` in it is written `%2F`. */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description How long it may be kept. */
                    "Cache-Control": string;
                    /** @description Stands for the file: it never changes. */
                    Etag: string;
                    /** @description Should a browser take it for a page after all, that page has no origin and reaches nothing. */
                    "Content-Security-Policy": string;
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/octet-stream": string;
                };
            };
            /** @description It is what the caller has already: `If-None-Match` names it. */
            304: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description How long it may be kept from now on. */
                    "Cache-Control": string;
                    /** @description Stands for the file: it never changes. */
                    Etag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such snippet, or no longer. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database cannot be used now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forkSnippet: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this request, so that it can be sent again without saving twice: 1 to 200 characters. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The parent's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSnippet"];
            };
        };
        responses: {
            /** @description It is saved (or was, by an earlier request with the same key). */
            201: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedSnippet"];
                };
            };
            /** @description The body is not JSON, or cannot be read; or the key is none. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such parent. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body did not arrive in time. */
            408: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key has been used for another program, or for the same with another visibility, time or owner. */
            409: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body, the files or the arguments are too large. */
            413: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not `application/json`, or is compressed. */
            415: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is wrong: `field` says which. */
            422: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database cannot be used now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's disk is full. */
            507: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSnippetHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The snippet's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its past and its future. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnippetHistory"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such snippet, or no longer. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database cannot be used now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runSnippet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The snippet's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunSnippet"];
            };
        };
        responses: {
            /** @description The run is over. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnippetRun"];
                };
            };
            /** @description The body is not JSON, or cannot be read. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such snippet, or no longer. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body did not arrive in time. */
            408: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is too large. */
            413: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is not `application/json`, or is compressed. */
            415: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A field is wrong, or the snippet's language or version is not here any more: `known` says what is. */
            422: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As many programs run and wait as may, of all callers or of this one. Or: the API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The runtime, the database or the server cannot serve it now. Or: the database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The server's state. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Programs can run. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description They cannot; `detail` says why. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Name and version. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rebuildRuntime: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The runtime's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has begun. The runtime as it is listed now. */
            202: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runtime"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such runtime. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Its definition is broken, or it is disabled: mend it, or enable it first. */
            409: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enableRuntime: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The runtime's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has begun. The runtime as it is listed now. */
            202: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runtime"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such runtime. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Its definition is broken, or it is disabled: mend it, or enable it first. */
            409: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    disableRuntime: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The runtime's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is disabled. The runtime as it is listed now. */
            200: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runtime"];
                };
            };
            /** @description The request cannot be understood. */
            400: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An API key is missing, or is not known. */
            401: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Says that a bearer token would do. */
                    "WWW-Authenticate": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key does not have the scope. */
            403: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such runtime. */
            404: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The API key or the address asks too often, or the key has as many programs as it may. */
            429: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server's fault. Its log has more under the request id. */
            500: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The database that has the API keys cannot be used now. */
            503: {
                headers: {
                    /** @description The id under which the server's log has the request. */
                    "X-Request-Id": string;
                    /** @description Seconds after which to try again. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
