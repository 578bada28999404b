"""The run half's HTTP side: what both services share over FastAPI, and the client; see the modules."""
