// SPDX-License-Identifier: Apache-2.0
// Precompiled for engine targets: parsing ATen once instead of in every file.
#pragma once
#include <ATen/ATen.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>
