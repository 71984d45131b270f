// A process group over Gloo, which LibTorch has in it. c10d's header shows it where USE_C10D_GLOO is defined, and includes Gloo's own.
#include <ATen/ATen.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <chrono>
#include <cstdlib>
#include <utility>
#include <vector>

#include "runtime/group/meeting.h"
#include "runtime/group/process_group.h"

namespace rexp::group {
namespace {

// A process may compute for long while the others wait for it; one that ends is noticed at once.
constexpr std::chrono::hours kPatience{24 * 365};

std::shared_ptr<gloo::transport::Device> network(const Launch& launch) {
  using c10d::ProcessGroupGloo;
  if (const char* name = std::getenv("GLOO_SOCKET_IFNAME"); name != nullptr && *name != '\0')
    return ProcessGroupGloo::createDeviceForInterface(name);
  if (launch.on_this_machine == launch.size)
    return ProcessGroupGloo::createDeviceForHostname("127.0.0.1");
  return ProcessGroupGloo::createDefaultDevice();
}

class GlooGroup : public ProcessGroup {
 public:
  explicit GlooGroup(std::unique_ptr<Meeting> meeting) : meeting_(std::move(meeting)) {}
  ~GlooGroup() override { drop(); }

  Status connect() {
    const Launch& launch = meeting_->launch();
    try {
      auto options = c10d::ProcessGroupGloo::Options::create(kPatience);
      options->devices.push_back(network(launch));
      gloo_ = c10::make_intrusive<c10d::ProcessGroupGloo>(meeting_->store(), launch.rank,
                                                          launch.size, options);
    } catch (const std::exception& error) {
      const std::string what = error.what();
      return user_error("the processes cannot reach each other: " + what.substr(0, what.find('\n')),
                        "GLOO_SOCKET_IFNAME names the network interface to use");
    }
    meeting_->answer_roll_calls();
    return {};
  }

  int rank() const override { return meeting_->launch().rank; }
  int size() const override { return meeting_->launch().size; }

  Status sum(std::span<double> values) override {
    return sum(at::from_blob(values.data(), {static_cast<int64_t>(values.size())}, at::kDouble));
  }

  Status sum(const at::Tensor& tensor) override {
    return in_place(tensor, [this](std::vector<at::Tensor>& one) { return gloo_->allreduce(one); });
  }

  Status broadcast(const at::Tensor& tensor) override {
    return in_place(tensor, [this](std::vector<at::Tensor>& one) { return gloo_->broadcast(one); });
  }

  std::optional<int32_t> told_elsewhere(int32_t status) override {
    return meeting_->told_elsewhere(status);
  }

 private:
  template <class Start>
  Status in_place(const at::Tensor& tensor, Start start) {
    if (tensor.numel() == 0) return {};
    if (!gloo_) return internal_error("a process group that broke is used");
    std::vector<at::Tensor> one = {tensor.detach().contiguous()};
    try {
      start(one)->wait();
    } catch (const std::exception& error) {
      drop();
      return meeting_->who_ended(error.what());
    }
    if (one[0].data_ptr() != tensor.data_ptr()) tensor.detach().copy_(one[0]);
    return {};
  }

  /// The others' calls fail from here on.
  void drop() { gloo_.reset(); }

  std::unique_ptr<Meeting> meeting_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_;
};

}  // namespace

Result<std::unique_ptr<ProcessGroup>> join(const Launch& launch) {
  auto meeting = Meeting::open(launch);
  if (!meeting.ok()) return meeting.error();
  auto group = std::make_unique<GlooGroup>(std::move(*meeting));
  REXP_TRY(group->connect());
  return std::unique_ptr<ProcessGroup>(std::move(group));
}

}  // namespace rexp::group
