"""All that is measured, in the order of the table."""

from collections.abc import Sequence

from scripts.bench.workload import Growth, Workload

__all__ = ["GROWTHS", "WORKLOADS"]

WORKLOADS: Sequence[Workload] = []

GROWTHS: Sequence[Growth] = []
