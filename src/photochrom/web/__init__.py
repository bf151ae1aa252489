"""The studio and its REST interface. The only place that knows Starlette."""
