"""Streams on held lanes: batches, acknowledging, sessions, holders."""

import threading

import pytest
from node import PATIENCE

import l3link
from l3link import ANY_FREE, StreamOptions, by_route


def test_batches_go_and_come_in_order(orch):
    with orch.open_channel(0) as channel, channel.open_stream(send=0, receive=0) as stream:

        def send():
            for at in range(0, 20000, 500):
                stream.send_batch([(b"%d" % i, i % 5, i) for i in range(at, at + 500)])

        sender = threading.Thread(target=send)
        sender.start()
        came = []
        while len(came) < 20000:
            came += stream.recv_batch(1000, timeout=PATIENCE)
        sender.join()
        assert [int(bytes(m)) for m in came] == list(range(20000))
        assert all(m.correlation_id == i and m.route == i % 5 and m.sequence == i for i, m in enumerate(came))
        stream.flush(PATIENCE)
        at = stream.positions
        assert (at.next_sequence, at.published, at.received, at.acked) == (20000,) * 4
        assert at.attached and at.reconnects == 0 and at.window_messages > 0 and stream.failure is None


def test_a_stream_may_hold_one_direction_only(orch):
    with orch.open_channel(0) as channel:
        with channel.open_stream(send=by_route(4)) as sender, channel.open_stream(receive=ANY_FREE) as receiver:
            sender.send(b"across")
            assert bytes(receiver.recv(timeout=PATIENCE)) == b"across"
            with pytest.raises(l3link.InvalidArgument) as refused:
                sender.recv(timeout=0)
            assert refused.value.reason == "DIRECTION_NOT_HELD"


def test_a_held_lane_is_busy_and_names_the_holder(orch):
    with orch.open_channel(0) as channel, channel.open_stream(send=0) as stream:
        with pytest.raises(l3link.Busy) as held:
            channel.open_stream(send=0)
        assert held.value.reason == "LANE_HELD" and held.value.code == "RESOURCE_EXHAUSTED"
        assert held.value.metadata["holder"] == stream.positions.session_id


def test_whoever_waits_for_a_held_lane_gets_it(orch):
    with orch.open_channel(0) as channel:
        first = channel.open_stream(send=0)
        threading.Timer(0.2, first.close).start()
        with channel.open_stream(send=0, options=StreamOptions(held_wait=PATIENCE)) as second:
            assert second.positions.epoch > 1


def test_what_was_not_acknowledged_comes_again_to_the_next_life_of_a_session(orch):
    with orch.open_channel(0) as channel:
        first = channel.open_stream(send=0, receive=0, options=StreamOptions(ack="explicit", session_id="mine"))
        for payload in (b"done", b"not done"):
            first.send(payload)
        assert bytes(first.recv(timeout=PATIENCE)) == b"done"
        assert bytes(first.recv(timeout=PATIENCE)) == b"not done"
        first.ack(1)
        with pytest.raises(l3link.InvalidArgument) as beyond:
            first.ack(7)
        assert beyond.value.reason == "ACK_BEYOND_DELIVERED"
        first.abandon()
        options = StreamOptions(ack="explicit", session_id="mine", resume=True, resume_acked=1)
        with channel.open_stream(send=0, receive=0, options=options) as second:
            again = second.recv(timeout=PATIENCE)
            assert bytes(again) == b"not done" and again.sequence == 1 and again.redelivered
            second.ack(2)


def test_an_unknown_session_is_not_begun_anew_with_resume(orch):
    with orch.open_channel(0) as channel, pytest.raises(l3link.Conflict) as unknown:
        channel.open_stream(send=0, options=StreamOptions(session_id="never", resume=True))
    assert unknown.value.reason == "SESSION_UNKNOWN"


def test_iterating_ends_when_the_stream_is_closed(orch):
    with orch.open_channel(0) as channel:
        stream = channel.open_stream(send=0, receive=0)
        came = []

        def collect():
            came.extend(bytes(message) for message in stream)

        collector = threading.Thread(target=collect)
        collector.start()
        for i in range(100):
            stream.send(b"%d" % i)
        while len(came) < 100 and collector.is_alive():
            collector.join(0.01)
        stream.close()
        collector.join(PATIENCE)
        assert not collector.is_alive() and came == [b"%d" % i for i in range(100)]


def test_a_closed_stream_says_so_and_closing_again_is_nothing(orch):
    with orch.open_channel(0) as channel:
        stream = channel.open_stream(send=0)
        stream.close()
        stream.close()
        for call in (lambda: stream.send(b""), stream.flush, stream.recv, lambda: stream.positions, stream.abandon):
            with pytest.raises(l3link.Closed, match="the stream is closed"):
                call()
        channel.open_stream(send=0).close()  # the lane is free


def test_what_ends_a_stream_is_raised_by_every_later_call(orch, node):
    with orch.open_channel(0, name="ended") as channel, l3link.connect(node.target) as other:
        stream = channel.open_stream(send=0, receive=0)
        other.find_channel(0, "ended").close()
        for _ in range(2):
            with pytest.raises(l3link.Closed) as ended:
                stream.recv(timeout=PATIENCE)
            assert ended.value.reason == "CHANNEL_CLOSED"
        assert isinstance(stream.failure, l3link.Closed)
        with pytest.raises(l3link.Closed):
            stream.close()


@pytest.mark.parametrize("field", ["held_wait", "lease_ttl", "attach_timeout"])
def test_options_are_checked_and_named(orch, field):
    with orch.open_channel(0) as channel, pytest.raises(l3link.InvalidArgument) as refused:
        channel.open_stream(send=0, options=StreamOptions(**{field: -1.0}))
    assert refused.value.metadata["field"] == field


def test_an_unknown_way_to_acknowledge_is_refused(orch):
    with orch.open_channel(0) as channel, pytest.raises(l3link.InvalidArgument, match="on_receive, explicit or by_node"):
        channel.open_stream(send=0, options=StreamOptions(ack="never"))
