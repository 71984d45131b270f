// How many processes run one experiment together, and which of them this is: the variables that torchrun sets, or a person.
//
//   RANK=1 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=29511 rexp run a.rexp
//
//   Result<Launch> launch = read_launch();      // {.rank = 1, .size = 2, ..}
//
// Without WORLD_SIZE, or with 1, a process is alone and the other variables are not looked at.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/result.h"

namespace rexp::group {

struct Launch {
  int rank = 0;
  int size = 1;
  int on_this_machine = 1;  // of them; they share its cores
  std::string address;      // where process 0 keeps the store through which all find each other
  uint16_t port = 0;
  bool agent = false;   // torchrun itself keeps that store
  std::string attempt;  // of torchrun, which may start all again

  bool alone() const { return size == 1; }
};

/// User errors name the variable that is missing or cannot be.
Result<Launch> read_launch();

}  // namespace rexp::group
