"""A real Apache Kafka for tests: one that is given, one in Docker, or Kafka's own jars from Maven.

`server()` is shared by the whole run, workers included; `OwnKafka` is one to kill and freeze.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from support.wire import Wire

VERSION = "4.3.1"
IMAGE = f"apache/kafka:{VERSION}"
CLUSTER = "5L6g3nShT-eMCtK--X86sw"
UP_SECONDS = 60.0
STOP_SECONDS = 15.0
PULL_SECONDS = 120.0
_JVM = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>claimtrail.tests</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
</dependencies></project>
"""

_PROPERTIES = """process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=2000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
log.dirs={folder}/logs
"""


class NoKafka(Exception):
    """There is no broker, and none can be made here: why."""


def _cache() -> Path:
    return Path(os.environ.get("CLAIMTRAIL_CACHE") or Path.home() / ".cache" / "claimtrail")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _jars() -> Path:
    """Kafka's jars, fetched once a machine. Raises: NoKafka."""
    if shutil.which("java") is None:
        raise NoKafka("no broker is given (KAFKA_BOOTSTRAP_SERVERS), no Docker engine answers, and there is no java")
    folder = _cache() / f"kafka-{VERSION}"
    with _locked(_cache() / "kafka.lock"):
        if (folder / "complete").exists():
            return folder
        if shutil.which("mvn") is None:
            raise NoKafka("Kafka's jars are not here yet, and there is no mvn to fetch them")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.xml").write_text(_POM)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
        if fetched.returncode:
            raise NoKafka(f"Kafka's jars could not be fetched: {fetched.stdout[-500:]}")
        (folder / "complete").touch()
    return folder


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class OwnKafka:
    """One combined KRaft node of Kafka's own jars: to start, stop, kill and freeze.

    Args:    wired: all clients reach it by a wire.
    Raises:  NoKafka.
    """

    def __init__(self, folder: Path, *, wired: bool = False) -> None:
        self._jars = _jars()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.wire = Wire(("127.0.0.1", self.port)) if wired else None
        advertised = self.wire.port if self.wire else self.port
        self.bootstrap = f"127.0.0.1:{advertised}"
        self._properties = folder / "server.properties"
        ports = {"port": self.port, "advertised": advertised, "controller": free_port()}
        self._properties.write_text(_PROPERTIES.format(**ports, folder=folder))
        self._process: subprocess.Popen[bytes] | None = None
        self._run("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._properties)).wait()

    def _run(self, main: str, *words: str) -> subprocess.Popen[bytes]:
        command = ["java", *_JVM, _QUIET, "-cp", f"{self._jars}/*", main, *words]
        with (self.folder / "kafka.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = self._run("kafka.Kafka", str(self._properties))
        wait_for(f"127.0.0.1:{self.port}")

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> "OwnKafka":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()
        if self.wire is not None:
            self.wire.close()
        shutil.rmtree(self.folder / "logs", ignore_errors=True)


def wait_for(bootstrap: str, seconds: float = UP_SECONDS) -> None:
    """Until the broker answers. Raises: NoKafka."""
    host, _, port = bootstrap.rpartition(":")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.1)
    raise NoKafka(f"no broker answers at {bootstrap} after {seconds:.0f} s")


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        asked = subprocess.run(["docker", "info"], capture_output=True, timeout=3, check=False)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def _image_is_here() -> bool:
    """Whether the image is on this machine, or can be brought to it."""
    for command in (["image", "inspect", IMAGE], ["pull", "--quiet", IMAGE]):
        try:
            asked = subprocess.run(["docker", *command], capture_output=True, timeout=PULL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return False
        if asked.returncode == 0:
            return True
    return False


def _in_docker() -> tuple[str, str] | None:
    """A broker in a container: where it answers, and the container's id; None where it cannot be had."""
    if not (_docker_answers() and _image_is_here()):
        return None
    try:
        return _container()
    except Exception as error:  # noqa: BLE001 -- whatever it is, there is another way
        print(f"no container of {IMAGE}: {type(error).__name__}", file=sys.stderr)
        return None


def _container() -> tuple[str, str]:
    from testcontainers.core.container import DockerContainer

    port = free_port()
    container = DockerContainer(IMAGE).with_bind_ports(9092, port)
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "2000",
        "KAFKA_BROKER_SESSION_TIMEOUT_MS": "3000",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    for name, value in settings.items():
        container = container.with_env(name, value)
    container.start()
    wait_for(f"127.0.0.1:{port}")
    return f"127.0.0.1:{port}", container.get_wrapped_container().id or ""


def _session() -> int:
    """The process that the whole run hangs on: pytest, or what started this worker."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def server() -> str:
    """Where the run's broker answers; started by whoever asks first, gone soon after the run.

    Raises:  NoKafka.
    """
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return given
    folder = Path(f"/tmp/claimtrail-tests-{os.getuid()}") / str(_session())
    with _locked(folder / "lock"):
        told = folder / "bootstrap"
        if not told.exists():
            told.write_text(_started(folder))
        return told.read_text()


def _started(folder: Path) -> str:
    command = [sys.executable, "-m", "support.kafka_server", str(_session()), str(folder)]
    paths = os.pathsep.join(path for path in sys.path if path)
    told, tell = os.pipe()
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            command, stdout=tell, stderr=log, env={**os.environ, "PYTHONPATH": paths}, start_new_session=True
        )
    keeper.returncode = 0  # it outlives us, and nobody waits for it
    os.close(tell)
    with os.fdopen(told) as answer:
        line = answer.readline().strip()
    if not line.startswith("at "):
        raise NoKafka(line or f"the broker's keeper ended; see {folder / 'keeper.log'}")
    return line.removeprefix("at ")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def keep(session: int, folder: Path) -> None:
    """Run a broker as long as a process lives, then take everything away."""
    container, own = "", None
    try:
        if contained := _in_docker():
            bootstrap, container = contained
        else:
            own = OwnKafka(folder)
            own.start()
            bootstrap = own.bootstrap
        print(f"at {bootstrap}", flush=True)
        while _alive(session):
            time.sleep(0.5)
    except NoKafka as reason:
        print(reason, flush=True)
        return
    finally:
        if own is not None:
            own.kill()
        if container:
            subprocess.run(["docker", "rm", "-f", container], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    keep(int(sys.argv[1]), Path(sys.argv[2]))
