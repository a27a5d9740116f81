-- For wrk: posts BENCH_BODY; where it says @ID, each request has an id that was never used before.
local body = os.getenv("BENCH_BODY")
local run = os.getenv("BENCH_RUN")

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = body

local threads = 0
function setup(thread)
   thread:set("thread_number", threads)
   threads = threads + 1
end

if body:find("@ID", 1, true) then
   local count = 0
   function request()
      count = count + 1
      return wrk.format(nil, nil, nil, (body:gsub("@ID", run .. "-" .. thread_number .. "-" .. count, 1)))
   end
end
