-- The request that load generators send, for wrk.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"account":"a17","action":"message","at":1767571200000}'
