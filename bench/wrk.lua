-- Posts one program again and again, and counts the answers that are not what the program must give.

local function content(variable)
    local file = assert(io.open(assert(os.getenv(variable)), "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = content("BENCH_BODY")

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

function init()
    wrong = 0
    expected = content("BENCH_EXPECTED")
end

function response(status, _, body)
    local right = status == 200
        and body:find('"outcome":"succeeded"', 1, true)
        and body:find('"stdout":' .. expected, 1, true)
    if not right then
        wrong = wrong + 1
    end
end

function done(summary)
    local errors = summary.errors
    local bad = errors.connect + errors.read + errors.write + errors.timeout
    for _, thread in ipairs(threads) do
        bad = bad + thread:get("wrong")
    end
    io.write(string.format("\nbench: %d %d %d\n", summary.requests, summary.duration, bad))
end
