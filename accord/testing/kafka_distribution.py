"""Apache Kafka's jars, fetched through Maven once per machine, and the Java that runs them."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["VERSION", "KafkaNotAvailable", "KafkaNotFetched", "find_java", "jars"]

VERSION = "4.1.0"
JAVA_VERSION = 17
"""The oldest Java that brokers of Apache Kafka 4 run on."""

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
FETCH_SECONDS = 600.0

# The broker logs through SLF4J 1.7 and brings Log4j, but not what connects the two.
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>accord</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>2.24.3</version>
    </dependency>
  </dependencies>
</project>
"""


class KafkaNotAvailable(RuntimeError):
    """This machine cannot run Apache Kafka; the message is a sentence that says what is missing."""


class KafkaNotFetched(KafkaNotAvailable):
    """All that is needed is there, but Maven could not fetch the jars; another time it may."""


def find_java() -> str:
    """Return the path of a Java that is new enough; raises `KafkaNotAvailable`."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")
    if java is None:
        raise KafkaNotAvailable(f"Apache Kafka needs Java {JAVA_VERSION} or newer, and none was found.")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA_VERSION:
        found = version[1] if version else "of an unknown version"
        raise KafkaNotAvailable(f"Apache Kafka needs Java {JAVA_VERSION} or newer, and {java} is {found}.")
    return java


def jars(progress: Callable[[str], None] = lambda _: None) -> Path:
    """Return the folder with the jars; ``progress`` is told of each one while they are being fetched.

    They come into ``$XDG_CACHE_HOME/accord``, all or none of them, as the Maven of this machine is set up to
    fetch them. Raises `KafkaNotAvailable` without Maven, and `KafkaNotFetched`.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "accord")
    folder = cache / f"kafka-{VERSION}"
    if folder.exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaNotAvailable("Apache Kafka is fetched through Maven, and mvn was not found.")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=cache) as unfinished:
        _fetch(maven, Path(unfinished), progress)
        try:
            Path(unfinished, "jars").rename(folder)
        except OSError:
            if not folder.exists():  # else somebody else was faster, with the same jars
                raise
    return folder


def _fetch(maven: str, folder: Path, progress: Callable[[str], None]) -> None:
    (folder / "pom.xml").write_text(POM)
    process = subprocess.Popen(
        [
            *(maven, "--batch-mode", f"{PLUGIN}:copy-dependencies"),
            *("-DincludeScope=runtime", f"-DoutputDirectory={folder / 'jars'}"),
        ],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    complaints: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if jar := re.search(r"[\w.+-]+\.jar", line):
                progress(jar[0])
            complaints += [line.strip()] if "ERROR" in line else []
        status = process.wait(FETCH_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
    if status or not list((folder / "jars").glob("kafka_*.jar")):
        why = complaints[0] if complaints else f"it ended with {status}"
        raise KafkaNotFetched(f"Maven could not fetch Apache Kafka {VERSION}: {why}")
