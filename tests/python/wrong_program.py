"""Every marked line must be refused by mypy: the types say something. Nobody runs it."""

import l3link
import l3link.testing


def wrong(orch: l3link.Orchestrator, channel: l3link.Channel, region: l3link.Region, chip: l3link.ChipWorker) -> None:
    channel.send("text")  # wrong
    channel.recv(timeout="1")  # wrong
    region.read_into(0, b"read-only")  # wrong
    text: str = channel.recv()  # wrong
    number: int = orch.channel_recv(channel)[0]  # wrong
    orch.shared_memory_read(channel, 0, 1)  # wrong
    chip.channel_send(channel, 0, b"of a node")  # wrong
    orch.open_channel(0, lane_dept=1)  # wrong
    del text, number


def wrong_tests(node: l3link.testing.Node, chip: l3link.testing.ChipPlayer) -> None:
    l3link.testing.Node(play_chip=True)  # wrong
    l3link.testing.Node([1])  # wrong
    node.log()  # wrong
    chip.recv(0)  # wrong
    chip.send("work", "text")  # wrong
    chip.wait("frames", 0, 1, timeout="1")  # wrong
