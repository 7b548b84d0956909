"""Each kind of exception, raised by a real node for a real reason."""

import pickle

import pytest
from node import PATIENCE, Node

import l3link
from l3link import errors


def test_every_class_is_exported_and_catchable_as_what_python_calls_it():
    for name in errors.__all__:
        assert getattr(l3link, name) is getattr(errors, name) and issubclass(getattr(errors, name), l3link.Error)
    for kind, base in [
        (l3link.TimedOut, TimeoutError),
        (l3link.InvalidArgument, ValueError),
        (l3link.MessageTooLarge, l3link.InvalidArgument),
        (l3link.NotFound, LookupError),
        (l3link.Closed, l3link.Conflict),
        (l3link.Unavailable, ConnectionError),
        (l3link.Unsupported, NotImplementedError),
    ]:
        assert issubclass(kind, base)
    for kind in (l3link.Busy, l3link.Conflict, l3link.DataLost, l3link.NotFound, l3link.Unavailable):
        assert not issubclass(kind, TimeoutError)


def test_an_invalid_argument_names_field_and_limit(orch):
    with pytest.raises(l3link.InvalidArgument) as refused:
        orch.open_channel(0, lane_depth=3)
    assert refused.value.reason == "INVALID_ARGUMENT_FIELD" and refused.value.code == "INVALID_ARGUMENT"
    assert refused.value.metadata["field"] == "lane_depth"
    assert "lane_depth" in str(refused.value) and str(refused.value).endswith("[INVALID_ARGUMENT_FIELD]")


def test_what_is_not_there_is_not_found(orch):
    with pytest.raises(l3link.NotFound) as worker:
        orch.open_channel(7)
    assert worker.value.reason == "WORKER_NOT_FOUND" and worker.value.metadata["worker_id"] == "7"
    with pytest.raises(l3link.NotFound):
        orch.open_channel("elsewhere/0")
    with pytest.raises(l3link.InvalidArgument, match="NODE/WORKER"):
        orch.open_channel(-1)


def test_a_handle_of_an_older_object_is_not_found(orch):
    old = orch.open_channel(0, name="again")
    orch.find_channel(0, "again").close()
    with orch.open_channel(0, name="again"), pytest.raises(l3link.NotFound) as stale:
        old.state()
    assert stale.value.reason == "STALE_ID"


def test_another_config_under_a_name_is_a_conflict(orch):
    with orch.open_channel(0, name="taken"), pytest.raises(l3link.Conflict) as conflict:
        orch.open_channel(0, name="taken", lane_depth=8)
    assert conflict.value.reason == "CONFIG_MISMATCH"


def test_a_full_arena_is_busy_and_says_what_is_free(orch):
    with pytest.raises(l3link.Busy) as full:
        orch.open_shared_memory(1 << 30)
    assert full.value.reason == "ARENA_FULL" and int(full.value.metadata["free_bytes"]) < 1 << 30


def test_nobody_at_the_target_is_unavailable_and_names_it():
    with pytest.raises(l3link.Unavailable, match="/nowhere.sock") as nobody:
        l3link.connect("unix:/nowhere.sock")
    assert nobody.value.reason == ""


def test_waiting_for_a_node_that_does_not_come_ends_in_time():
    with pytest.raises(l3link.Unavailable):
        l3link.connect("unix:/nowhere.sock", wait_for_ready=True, connect_timeout=0.3)


def test_a_node_that_went_away_is_unavailable():
    node = Node()
    with l3link.connect(node.target, call_timeout=5) as orch:
        node.stop()
        with pytest.raises(l3link.Unavailable):
            orch.open_channel(0)


def test_a_platform_that_cannot_is_unsupported():
    node = Node("--platform=a5=1")
    try:
        with l3link.connect(node.target) as orch, pytest.raises(l3link.Unsupported, match="not supported on a5") as refused:
            orch.open_channel(0)
        assert refused.value.reason == "PLATFORM_UNSUPPORTED" and refused.value.metadata["platform"] == "a5"
    finally:
        node.stop()


def test_memory_that_was_taken_away_is_lost_data():
    node = Node()
    try:
        with l3link.connect(node.target) as orch:
            channel = orch.open_channel(0)
            (node.folder / "state/chips/0/arena").unlink()
            with pytest.raises(l3link.DataLost) as lost:
                while True:
                    channel.send(b"more", timeout=PATIENCE)
                    channel.recv(timeout=PATIENCE)
            assert lost.value.reason == "LANE_POISONED" and lost.value.metadata["poison"] == "ARENA_GONE"
    finally:
        node.stop()


def test_a_reset_lane_ends_its_streams_with_a_conflict(orch):
    with orch.open_channel(0, name="reset") as channel:
        stream = channel.open_stream(send=0)
        state = orch.reset_lane(0, "reset", "cpu_to_l2", 0)
        assert state["direction"] == "DIRECTION_HOST_TO_CHIP" and state["published"] == 0
        with pytest.raises(l3link.Conflict) as ended:
            while True:
                stream.send(b"x", timeout=PATIENCE)
        assert ended.value.reason == "LANE_RESET"
        with pytest.raises(ValueError, match="cpu_to_l2 or l2_to_cpu"):
            orch.reset_lane(0, "reset", "up", 0)


def test_an_exception_keeps_its_facts():
    error = errors.from_status("RESOURCE_EXHAUSTED", "LANE_HELD", "lane 0 is held", {"holder": "s"})
    assert type(error) is l3link.Busy and error.metadata == {"holder": "s"} and error.args == ("lane 0 is held",)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.reason, again.metadata, str(again)) == (l3link.Busy, "LANE_HELD", {"holder": "s"}, str(error))
    assert type(errors.from_status("UNKNOWN", "", "odd", {})) is l3link.Error
