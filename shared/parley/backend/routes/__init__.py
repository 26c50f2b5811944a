"""One module a resource. A router is a table of routes; `app.ROUTERS` lists them."""
