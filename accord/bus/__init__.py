"""The run half's event bus: ports first, adapters last; see the modules."""
