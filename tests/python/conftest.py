"""What every test file has: an echoing node, and an orchestrator on it."""

from typing import Iterator

import pytest
from node import Node

import l3link


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    node = Node()
    yield node
    node.stop()


@pytest.fixture
def orch(node: Node) -> Iterator[l3link.Orchestrator]:
    with l3link.connect(node.target) as orchestrator:
        yield orchestrator
