#!/usr/bin/env bats
# The real grpcurl against a real node, over $TRANSPORT (tcp or unix): every RPC of the three services is called, and the
# last test fails if reflection lists one that was not.

bats_require_minimum_version 1.5.0
load node_under_test.bash

setup_file() {
  command -v grpcurl >/dev/null || skip "grpcurl is not installed: dev/setup --test"
  start_node
}

teardown_file() {
  [ -z "${STATE:-}" ] || stop_node
}

setup() {
  command -v grpcurl >/dev/null || skip "grpcurl is not installed: dev/setup --test"
}

# says JQ_EXPRESSION: it holds for the output of the last run.
says() {
  jq -se "$1" <<<"$output" >/dev/null || { echo "$output" && echo "does not hold: $1" && return 1; }
}

open_channel() { g -d "{\"name\":\"$1\",\"config\":{\"host_to_chip_lanes\":${2:-1},\"chip_to_host_lanes\":${2:-1}}}" ChannelService/OpenChannel; }
open_region() { g -d "{\"name\":\"$1\",\"config\":{\"data_bytes\":4096,\"signal_count\":${2:-2}}}" MemoryService/OpenRegion; }

@test "reflection lists the services and describes a message" {
  run -0 g_reflect list
  for service in NodeService ChannelService MemoryService; do
    grep -qx "l3link.v1.$service" <<<"$output"
  done
  grep -qx grpc.health.v1.Health <<<"$output"
  run -0 g_reflect describe l3link.v1.Attach
  grep -q 'lease_ttl' <<<"$output"
}

@test "GetNode and ListChips tell who and what is here" {
  run -0 g NodeService/GetNode
  says '.[0] | (.version | length > 0) and (.limits | length > 0) and .platforms == ["a2a3sim"]'
  run -0 g NodeService/ListChips
  says '.[0].chips | length == 1 and .[0].platform == "a2a3sim" and .[0].supported'
}

@test "OpenChannel, GetChannel, ListChannels and CloseChannel go round" {
  run -0 open_channel round 2
  says '.[0] | .created and .channel.id.name == "round" and (.channel.lanes | length == 4)'
  run -0 open_channel round 2
  says '.[0].created | not'
  run -0 g -d '{"channel":{"name":"round"}}' ChannelService/GetChannel
  says '.[0].channel.config | .lane_depth == 64 and .max_message_bytes == 4096'
  run -0 g ChannelService/ListChannels
  says '.[0].channels | map(.id.name) | index("round") != null'
  run -0 g -d '{"channel":{"name":"round"}}' ChannelService/CloseChannel
  run g -d '{"channel":{"name":"round"}}' ChannelService/GetChannel
  [ "$status" -ne 0 ]
}

@test "Send and Receive carry text and hex through the echo chip" {
  open_channel mail
  run -0 g -d '{"channel":{"name":"mail"},"messages":[{"text":"grüß dich","correlation_id":"7"},{"hex":"00ff10"}],"timeout":"10s"}' \
    ChannelService/Send
  says '.[0].sent == 2'
  run -0 g -d '{"channel":{"name":"mail"},"timeout":"20s"}' ChannelService/Receive
  says '.[0].messages | length == 1 and .[0].text == "grüß dich" and .[0].correlation_id == "7"'
  run -0 g -d '{"channel":{"name":"mail"},"timeout":"20s","form":"FORM_HEX"}' ChannelService/Receive
  says '.[0].messages | length == 1 and .[0].hex == "00ff10"'
}

@test "Receive without ack leaves the message until Ack; Peek moves nothing" {
  open_channel keep
  g -d '{"channel":{"name":"keep"},"messages":[{"text":"stay"}],"timeout":"10s"}' ChannelService/Send
  run -0 g -d '{"channel":{"name":"keep"},"lane":0,"timeout":"20s","ack":false}' ChannelService/Receive
  says '.[0].messages[0].text == "stay"'
  run -0 g -d '{"channel":{"name":"keep"},"lane":0}' ChannelService/Peek
  says '.[0] | .messages[0].text == "stay" and .lane.published == "1" and (.lane.consumed // "0") == "0"'
  run -0 g -d '{"channel":{"name":"keep"},"lane":0,"through":1}' ChannelService/Ack
  says '.[0].consumed == "1"'
  run -0 g -d '{"channel":{"name":"keep"},"lane":0}' ChannelService/Peek
  says '.[0].messages | length == 0'
}

@test "one Stream from stdin: attach, several messages, half-close, echoes until linger ends" {
  open_channel talk
  run -0 g -d @ ChannelService/Stream <<'EOF'
{"attach":{"channel":{"name":"talk"},"host_to_chip":{"lane":0},"chip_to_host":{"lane":0},
           "auto_ack":true,"form":"FORM_TEXT","linger":{"max_messages":3,"idle":"20s"}}}
{"messages":{"unsequenced":true,"messages":[{"text":"one","correlation_id":"1"},{"text":"two","correlation_id":"2"}]}}
{"messages":{"unsequenced":true,"messages":[{"text":"three","correlation_id":"3"}]}}
EOF
  says '.[0].attached.session_id | length > 0'
  says '[.[].messages.messages // [] | .[] | .text] == ["one", "two", "three"]'
  says '[.[].messages.messages // [] | .[] | .correlation_id] == ["1", "2", "3"]'
}

@test "ReleaseLease takes the lane from a stream that holds it; ResetLane gives it a new generation" {
  open_channel held
  mkfifo "$BATS_TEST_TMPDIR/in"
  if [ "$TRANSPORT" = unix ]; then where=(-unix "$SOCKET"); else where=("$ADDRESS"); fi
  timeout 60 grpcurl -plaintext -d @ "${where[@]}" l3link.v1.ChannelService/Stream <"$BATS_TEST_TMPDIR/in" \
    >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
  holder=$!
  exec 9>"$BATS_TEST_TMPDIR/in"
  echo '{"attach":{"channel":{"name":"held"},"host_to_chip":{"lane":0},"session_id":"holder"}}' >&9
  for _ in $(seq 400); do
    grep -q attached "$BATS_TEST_TMPDIR/out" && break
    sleep 0.05
  done
  run g -d '{"channel":{"name":"held"},"messages":[{"text":"mine"}]}' ChannelService/Send
  [ "$status" -ne 0 ]
  grep -q LANE_HELD <<<"$output"
  run -0 g -d '{"channel":{"name":"held"},"direction":"DIRECTION_HOST_TO_CHIP","lane":0}' NodeService/ReleaseLease
  says '.[0].session_id == "holder"'
  exec 9>&- # grpcurl waits for the end of its input before it says how the stream ended
  wait $holder || true
  grep -q LEASE_RELEASED "$BATS_TEST_TMPDIR/out" || { cat "$BATS_TEST_TMPDIR/out" && false; }
  run -0 g -d '{"channel":{"name":"held"},"direction":"DIRECTION_HOST_TO_CHIP","lane":0}' NodeService/ResetLane
  says '.[0].lane | (.published // "0") == "0" and (.generation | tonumber) > 0'
}

@test "OpenRegion, GetRegion, ListRegions and CloseRegion go round" {
  run -0 open_region land
  says '.[0] | .created and .region.id.name == "land" and .region.config.data_bytes == "4096"'
  run -0 g -d '{"region":{"name":"land"}}' MemoryService/GetRegion
  says '.[0].region.signal_values == ["0", "0"]'
  run -0 g MemoryService/ListRegions
  says '.[0].regions | map(.id.name) | index("land") != null'
  run -0 g -d '{"region":{"name":"land"}}' MemoryService/CloseRegion
}

@test "Write with notify, then Read, Test and Wait see it" {
  open_region page
  run -0 g -d @ MemoryService/Write <<'EOF'
{"region":{"name":"page"},"offset":16,"data":"aGVs"}
{"data":"bG8=","notify":{"signal":0,"value":5}}
EOF
  says '.[0] | .written_bytes == "5" and .signal_value == "5"'
  run -0 g -d '{"region":{"name":"page"},"offset":16,"length":5}' MemoryService/Read
  says '[.[].data] == ["aGVsbG8="]'
  run -0 g -d '{"region":{"name":"page"},"conditions":[{"signal":0,"target":5}]}' MemoryService/Test
  says '.[0] | .satisfied and .values == ["5"]'
  run -0 g -d '{"region":{"name":"page"},"notify":{"signal":0,"op":"NOTIFY_OP_MAX","value":9}}' MemoryService/Notify
  says '.[0].value == "9"'
  run -0 g -d '{"region":{"name":"page"},"conditions":[{"signal":0,"comparison":"COMPARISON_GT","target":8}],"timeout":"20s"}' \
    MemoryService/Wait
  says '.[0].satisfied'
  run -0 g -d '{"region":{"name":"page"},"conditions":[{"signal":0,"target":100}],"timeout":"0.05s"}' MemoryService/Wait
  says '.[0].satisfied // false | not'
}

@test "MemoryService.Stream does operations in order and pushes a watch" {
  open_region flow
  run -0 g -d @ MemoryService/Stream <<'EOF'
{"attach":{"regions":[{"name":"flow"}]}}
{"watch":{"watch_id":"1","conditions":[{"signal":0,"target":3}],"once":true,"timeout":"20s"}}
{"operation":{"write":{"offset":0,"data":"YWJj","notify":{"signal":0,"value":3}}}}
{"operation":{"read":{"offset":0,"length":3}}}
EOF
  says '.[0].attached.regions[0].id.name == "flow"'
  says 'any(.[]; .result.data == "YWJj")'
  says 'any(.[]; .event.watch_id == "1" and .event.satisfied)'
}

@test "a refusal shows its code, its words and its reason" {
  run g -d '{"channel":{"name":"nowhere"}}' ChannelService/GetChannel
  [ "$status" -ne 0 ]
  grep -q 'Code: NotFound' <<<"$output"
  grep -q nowhere <<<"$output"
  grep -q CHANNEL_NOT_FOUND <<<"$output"
  grep -q '"domain": "l3link"' <<<"$output"
}

@test "a message too large names the limit" {
  open_channel small
  big=$(head -c 4097 /dev/zero | tr '\0' x)
  run g -d "{\"channel\":{\"name\":\"small\"},\"messages\":[{\"text\":\"$big\"}]}" ChannelService/Send
  [ "$status" -ne 0 ]
  grep -q 'Code: InvalidArgument' <<<"$output"
  grep -q MESSAGE_TOO_LARGE <<<"$output"
  grep -q '4097 bytes > max_message_bytes 4096' <<<"$output"
}

@test "every RPC that reflection lists was called" {
  listed=$(for service in NodeService ChannelService MemoryService; do g_reflect list "l3link.v1.$service"; done |
    sed 's/\.\([A-Za-z]*\)$/\/\1/' | sort)
  [ "$(wc -l <<<"$listed")" -ge 20 ]
  run comm -23 <(echo "$listed") <(sort -u "$CALLED")
  [ -z "$output" ] || { echo "never called: $output" && false; }
}
