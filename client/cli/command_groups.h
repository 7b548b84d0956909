// The command groups of l3linkctl, one file each. Each adds its commands to the tree; main calls every one once.
#ifndef L3LINK_CLIENT_CLI_COMMAND_GROUPS_H_
#define L3LINK_CLIENT_CLI_COMMAND_GROUPS_H_

#include "client/cli/command.h"

namespace l3link::cli {

void AddNodeCommands(CommandTree& tree, const GlobalOptions& options);  // status, wait-ready, chips
void AddChannelCommands(CommandTree& tree);                      // channels open, ls, show, close, reset, release
void AddMessageCommands(CommandTree& tree);                      // send, recv, ack, peek
void AddLaneStreamCommands(CommandTree& tree);                   // tail, exchange
void AddRegionCommands(CommandTree& tree);                       // regions open, ls, show, close
void AddTransferCommands(CommandTree& tree, CLI::App* regions);  // regions read, write
void AddSignalCommands(CommandTree& tree);                       // notify, wait, watch
void AddTopCommand(CommandTree& tree);                           // top
void AddCompletionCommand(CommandTree& tree);                    // completion bash

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_COMMAND_GROUPS_H_
