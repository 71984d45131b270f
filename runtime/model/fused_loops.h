// The inner loops of fused_ops, over plain arrays: compiled for several vector widths, one chosen when the program is loaded. No
// multiply-add is contracted and sums run in sixteen lanes, so that every width gives the same bits.
#pragma once

#include <cstdint>

namespace rexp::model {

/// y = x / rms(x) * w for `rows` rows of n; `inverse` [rows] = 1 / rms.
void rms_forward(const float* x, const float* w, float* y, float* inverse, int64_t rows, int64_t n,
                 float eps);
/// dx from dy; adds to `dw` [n] unless null. dx = s (g - x s^2 mean(g x)) with g = dy w and s = inverse; dw += dy x s.
void rms_backward(const float* dy, const float* x, const float* w, const float* inverse, float* dx,
                  float* dw, int64_t rows, int64_t n);

/// Turns pairs (i, half + i) by the angles of cos, sin [tokens, half]; `sign` 1 forward, -1 back.
void turn(const float* x, const float* cos, const float* sin, float* y, int64_t tokens,
          int64_t heads, int64_t half, float sign);

/// y = g s u, where s = sigmoid(g).
void gated_forward(const float* g, const float* s, const float* u, float* y, int64_t n);
void gated_backward(const float* dy, const float* g, const float* s, const float* u, float* dg,
                    float* du, int64_t n);

constexpr int64_t kUnitsPerDraw = 4;  // of 64 bits, sixteen for each unit
constexpr double kDropSteps = 65536;

/// y = x + branch / keep where a unit is kept, else x; null x is zero. Unit i of row r is kept where bits 16 (i mod 4) and up of draw
/// i div 4 of stream(stream, tokens[r]) are at least `dropped`, which is less than kDropSteps; keep = 1 - dropped / kDropSteps.
void add_dropped(const float* x, const float* branch, float* y, const int64_t* tokens, int64_t rows,
                 int64_t n, uint64_t stream, uint32_t dropped);

}  // namespace rexp::model
