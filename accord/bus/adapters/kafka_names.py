"""Reading records with header names that are no UTF-8, which aiokafka's own parser cannot get past."""

from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.record.memory_records import _MemoryRecordsPy

__all__ = ["read_any_name"]


def read_any_name() -> None:
    """Let aiokafka in this process replace what it cannot decode in the names of headers, from now on.

    Kafka's protocol says that names are UTF-8, no broker looks, and a single record with another name stops a
    consumer for good. aiokafka offers no way to read it, so its parser is exchanged, by one of several times
    the cost: for processes that have met such a record.
    """
    fetcher.MemoryRecords = _Records


class _Name(bytearray):
    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


class _Buffer(bytearray):
    def __getitem__(self, where: Any) -> Any:
        found = super().__getitem__(where)
        return _Name(found) if isinstance(where, slice) else found


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]
    _buffer: Any

    def __iter__(self) -> "_Batch":
        super().__iter__()
        self._buffer = _Buffer(self._buffer)
        return self


class _Records(_MemoryRecordsPy):  # type: ignore[misc]
    def next_batch(self) -> Any:
        found = self._next_slice
        batch = super().next_batch()
        # Before version 2 of the format there were no headers.
        return batch if batch is None or isinstance(batch, LegacyRecordBatch) else _Batch(found)
