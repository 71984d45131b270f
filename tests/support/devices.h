// Tests of tensors run on every kind of device; where one is not there, its half of them skips and says why.
//
//   TEST_P(OnDevice, Adds) { REXP_DEVICE(device, GetParam()); … at::ones({2}, device) … }
//   INSTANTIATE_TEST_SUITE_P(Devices, OnDevice, testing::ValuesIn(kDevices));
#pragma once

#include <gtest/gtest.h>

#include "runtime/model/device.h"

namespace rexp::model {

inline constexpr const char* kDevices[] = {"cpu", "cuda"};

}  // namespace rexp::model

#define REXP_DEVICE(device, wanted)                                                      \
  const ::rexp::Result<at::Device> picked_##device = ::rexp::model::pick_device(wanted); \
  if (!picked_##device.ok()) GTEST_SKIP() << ::rexp::to_string(picked_##device.error()); \
  const at::Device device = *picked_##device
