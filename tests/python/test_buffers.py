"""What goes in as a buffer, and what comes out without a copy."""

import array
import gc

import numpy as np
import pytest
from node import PATIENCE

import l3link

WORDS = b"some words of memory"


@pytest.mark.parametrize(
    "data",
    [
        WORDS,
        bytearray(WORDS),
        memoryview(b"." + WORDS + b".")[1:-1],
        array.array("B", WORDS),
        np.frombuffer(WORDS, np.uint8),
        np.frombuffer(WORDS, np.uint32).reshape(5, 1),
    ],
    ids=["bytes", "bytearray", "memoryview", "array", "numpy", "numpy 2-d"],
)
def test_any_contiguous_buffer_goes_in(orch, data):
    with orch.open_channel(0) as channel, orch.open_shared_memory(64) as region:
        channel.send(data)
        assert bytes(channel.recv(timeout=PATIENCE)) == WORDS
        region.write(3, data)
        assert region.read(3, len(WORDS)) == WORDS


@pytest.mark.parametrize(
    "data", [memoryview(WORDS)[::2], np.arange(10)[::2], np.asfortranarray(np.zeros((2, 3)))], ids=["view", "step", "order"]
)
def test_a_buffer_with_gaps_is_a_value_error_that_says_what_to_do(orch, data):
    with orch.open_channel(0) as channel, orch.open_shared_memory(64) as region:
        for call in (lambda: channel.send(data), lambda: region.write(0, data)):
            with pytest.raises(ValueError, match="not contiguous; pass a contiguous copy"):
                call()


@pytest.mark.parametrize("data", ["text", 7, None, [1, 2]])
def test_what_is_no_buffer_is_a_type_error(orch, data):
    with orch.open_channel(0) as channel, orch.open_shared_memory(64) as region:
        for call in (lambda: channel.send(data), lambda: region.write(0, data), lambda: region.read_into(0, data)):
            with pytest.raises(TypeError, match="a buffer is needed"):
                call()


def test_read_into_needs_memory_that_may_be_written(orch):
    with orch.open_shared_memory(64) as region:
        with pytest.raises(ValueError, match="bytes is read-only"):
            region.read_into(0, WORDS)
        with pytest.raises(ValueError, match="read-only"):
            region.read_into(0, np.frombuffer(WORDS, np.uint8))


def test_a_sent_bytearray_may_be_changed_at_once(orch):
    with orch.open_channel(0) as channel:
        data = bytearray(b"before")
        channel.send(data)
        data[:] = b"after and longer"
        assert bytes(channel.recv(timeout=PATIENCE)) == b"before"


def test_a_received_payload_is_the_frame_itself(orch):
    with orch.open_channel(0, max_message_bytes=4096) as channel:
        numbers = np.arange(512, dtype=np.uint32)
        channel.send(numbers)
        message = channel.recv(timeout=PATIENCE)
        view = message.payload
        seen = np.frombuffer(message, np.uint32)
        address = seen.__array_interface__["data"][0]
        assert address == np.frombuffer(view, np.uint8).__array_interface__["data"][0]
        assert address == np.frombuffer(message.payload, np.uint8).__array_interface__["data"][0]
        assert view.readonly and view.contiguous and view.format == "B" and not seen.flags.writeable
        with pytest.raises(TypeError):
            view[0] = 1
        assert (seen == numbers).all()


def test_messages_of_one_frame_lie_side_by_side(orch):
    with orch.open_channel(0) as channel, channel.open_stream(send=0, receive=0) as stream:
        stream.send_batch([b"a" * 16] * 32)
        messages = []
        while len(messages) < 32:
            messages += stream.recv_batch(timeout=PATIENCE)
        places = [np.frombuffer(m, np.uint8).__array_interface__["data"][0] for m in messages]
        assert 16 in np.diff(places), "no two messages lie in one frame: each was copied"


def test_a_view_outlives_message_stream_and_orchestrator(node):
    with l3link.connect(node.target) as orch, orch.open_channel(0) as channel:
        with channel.open_stream(send=0, receive=0) as stream:
            stream.send(WORDS)
            view = stream.recv(timeout=PATIENCE).payload
    del orch, channel, stream
    gc.collect()
    filler = [bytearray(b"\xff" * 65536) for _ in range(64)]  # what was freed is written over
    assert bytes(view) == WORDS and len(filler) == 64


def test_a_region_is_read_straight_into_an_array(orch):
    with orch.open_shared_memory(1 << 20) as region:
        numbers = np.random.default_rng(1).random(1 << 17)
        region.write(0, numbers)
        out = np.zeros((256, 512))
        region.read_into(0, out)
        assert (out.reshape(-1) == numbers).all()
        half = memoryview(bytearray(1 << 19))
        region.read_into(1 << 19, half)
        assert half == numbers[1 << 16 :].tobytes()
