"""All that is measured, in the order of the table."""

from collections.abc import Sequence

from scripts.bench.workload import Growth, Workload
from scripts.bench.workloads.arriving import Arriving
from scripts.bench.workloads.growing import GrowingBacklog, GrowingCache
from scripts.bench.workloads.paging import Paging
from scripts.bench.workloads.process import Memory, Start
from scripts.bench.workloads.projecting import Projecting
from scripts.bench.workloads.relaying import Relaying
from scripts.bench.workloads.scaling import MoreConsumers, MoreServers
from scripts.bench.workloads.serving import SERVING

__all__ = ["GROWTHS", "WORKLOADS"]

WORKLOADS: Sequence[Workload] = [
    *SERVING,
    Paging(),
    Projecting(),
    Relaying(),
    Arriving("arriving", "create there, readable here", "mock"),
    Arriving("arriving-kafka", "create there, readable here, Apache Kafka", "apache"),
    Start(),
    Memory(),
]

GROWTHS: Sequence[Growth] = [GrowingCache(), GrowingBacklog(), MoreConsumers(), MoreServers()]
