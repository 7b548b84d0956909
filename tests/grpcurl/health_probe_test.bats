#!/usr/bin/env bats
# The real grpc-health-probe against a real node: as a whole, each service, each chip, and what is not there.

bats_require_minimum_version 1.5.0
load node_under_test.bash

setup_file() {
  command -v grpc-health-probe >/dev/null || skip "grpc-health-probe is not installed: dev/setup --test"
  start_node
}

teardown_file() {
  [ -z "${STATE:-}" ] || stop_node
}

setup() {
  command -v grpc-health-probe >/dev/null || skip "grpc-health-probe is not installed: dev/setup --test"
}

# A chip is serving once its program has attached, a moment after the node.
probe_until_serving() {
  for _ in $(seq 200); do
    run grpc-health-probe -addr "$1" ${2:+-service "$2"}
    [ "$status" -eq 0 ] && return
    sleep 0.1
  done
  echo "$output"
  return 1
}

@test "the node is serving, over TCP and over the unix socket" {
  probe_until_serving "$ADDRESS"
  probe_until_serving "unix://$SOCKET"
}

@test "each service and the chip are serving" {
  for service in l3link.v1.NodeService l3link.v1.ChannelService l3link.v1.MemoryService chip/0; do
    probe_until_serving "$ADDRESS" "$service"
  done
}

@test "a service that is not there is unknown" {
  run grpc-health-probe -addr "$ADDRESS" -service l3link.v1.Nonsense
  [ "$status" -ne 0 ]
}
