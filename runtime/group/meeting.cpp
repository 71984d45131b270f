#include "runtime/group/meeting.h"

#include <c10/util/Logging.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>
#include <functional>
#include <utility>

namespace rexp::group {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kJoin{300};       // for all processes to come
constexpr seconds kRollCall{3};     // for those that live to say so
constexpr seconds kLeave{60};       // for those that live to end what they are at
constexpr milliseconds kHead{500};  // that process 0 has in telling of a failure that all met
constexpr milliseconds kLook{50};

/// Looks until `done`, at most for `time`; whether it was.
bool wait_until(Clock::duration time, const std::function<bool()>& done) {
  const Clock::time_point end = Clock::now() + time;
  while (!done()) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

std::string first_line(const char* text) {
  const std::string all = text;
  return all.substr(0, all.find('\n'));
}

std::string mark(const char* what, int rank) { return what + ("/" + std::to_string(rank)); }

/// "process 1", "processes 1, 3 and 4"
std::string processes(const std::vector<int>& ranks) {
  std::string out = ranks.size() == 1 ? "process " : "processes ";
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (i > 0) out += i + 1 == ranks.size() ? " and " : ", ";
    out += std::to_string(ranks[i]);
  }
  return out;
}

std::string place(const Launch& launch) {
  return launch.address + ":" + std::to_string(launch.port);
}

}  // namespace

Result<std::unique_ptr<Meeting>> Meeting::open(const Launch& launch) {
  // what breaks is said in our words
  FLAGS_caffe2_log_level = c10::GLOG_FATAL;
  std::unique_ptr<Meeting> meeting(new Meeting(launch));
  REXP_TRY(meeting->connect());
  REXP_TRY(meeting->wait_for_all());
  return meeting;
}

Status Meeting::connect() {
  c10d::TCPStoreOptions options;
  options.port = launch_.port;
  options.isServer = launch_.rank == 0 && !launch_.agent;
  options.waitWorkers = false;
  options.timeout = kJoin;
  try {
    store_ = c10::make_intrusive<c10d::PrefixStore>(
        "rexp/" + launch_.attempt, c10::make_intrusive<c10d::TCPStore>(launch_.address, options));
  } catch (const std::exception& error) {
    if (options.isServer) {
      return user_error("process 0 cannot listen at MASTER_PORT " + std::to_string(launch_.port) +
                            ": " + first_line(error.what()),
                        "choose another port; MASTER_ADDR must be process 0's machine");
    }
    return user_error(
        "process 0 does not answer at " + place(launch_) + ": " + first_line(error.what()),
        "start all processes with the same MASTER_ADDR and MASTER_PORT");
  }
  return {};
}

Status Meeting::wait_for_all() {
  try {
    if (store_->add(mark("joined", launch_.rank), 1) > 1) {
      return user_error("there are two processes with RANK " + std::to_string(launch_.rank) +
                            " at " + place(launch_),
                        "give each process its own RANK, and each run its own MASTER_PORT");
    }
    if (wait_until(kJoin, [this] { return without("joined").empty(); })) return {};
    return user_error(processes(without("joined")) + " of " + std::to_string(launch_.size) +
                          " did not come within " + std::to_string(kJoin.count()) + " seconds",
                      "start as many processes as WORLD_SIZE says");
  } catch (const std::exception&) {
    return user_error("process 0 ended before all had come", "start all processes again");
  }
}

/// Ranks that have not set this mark.
std::vector<int> Meeting::without(const std::string& what) const {
  std::vector<int> ranks;
  for (int rank = 0; rank < launch_.size; ++rank) {
    if (!has(mark(what.c_str(), rank))) ranks.push_back(rank);
  }
  return ranks;
}

void Meeting::answer_roll_calls() {
  doorman_ = std::thread([this] {
    try {
      while (!stop_.load() && !has("roll_call")) std::this_thread::sleep_for(4 * kLook);
      store_->set(mark("here", launch_.rank), "1");
    } catch (const std::exception&) {
      // the store is gone with process 0; whoever needs an answer finds out
    }
  });
}

void Meeting::call_roll() {
  if (std::exchange(called_, true)) return;
  store_->set("roll_call", "1");
  wait_until(kRollCall, [this] { return without("here").empty(); });
}

Error Meeting::who_ended(const std::string& what) {
  std::vector<int> missing;
  try {
    call_roll();
    missing = without("here");
  } catch (const std::exception&) {
    if (launch_.agent)
      return user_error("torchrun ended", "run the same command again to continue");
    missing = {0};
  }
  const char* help = "run the same command again to continue";
  if (!missing.empty())
    return user_error(processes(missing) + " of " + std::to_string(launch_.size) + " ended", help);
  return user_error("the processes lost each other: " + first_line(what.c_str()), help);
}

std::optional<int32_t> Meeting::told_elsewhere(int32_t status) {
  try {
    if (launch_.rank > 0) wait_until(kHead, [this] { return has("told"); });
    const std::string own = std::to_string(launch_.rank) + " " + std::to_string(status);
    const std::string first = store_->compareSet("told", "", own);
    if (first == own) return std::nullopt;
    return std::stoi(first.substr(first.find(' ') + 1));
  } catch (const std::exception&) {
    // the store is gone with process 0, and nothing can be agreed upon: the next one speaks
    if (launch_.rank <= 1) return std::nullopt;
    return status;
  }
}

void Meeting::leave() {
  store_->set(mark("left", launch_.rank), "1");
  if (launch_.rank > 0 || launch_.agent) return;
  if (wait_until(kLook, [this] { return without("left").empty(); })) return;
  call_roll();
  wait_until(kLeave, [this] {
    for (const int rank : without("left")) {
      if (has(mark("here", rank))) return false;
    }
    return true;
  });
}

Meeting::~Meeting() {
  try {
    if (store_) leave();
  } catch (const std::exception&) {
    // the store is gone
  }
  stop_ = true;
  if (doorman_.joinable()) doorman_.join();
}

}  // namespace rexp::group
