// SPDX-License-Identifier: Apache-2.0
#include "video/picture.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace hvlm::video {
namespace {

constexpr int kCombing = 10;  // grey levels a line may differ from its neighbours' mean before it counts as of another moment

int coefficientsOf(const AVFrame* frame) {
  switch (frame->colorspace) {
    case AVCOL_SPC_BT709: return SWS_CS_ITU709;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: return SWS_CS_BT2020;
    case AVCOL_SPC_FCC: return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M: return SWS_CS_SMPTE240M;
    case AVCOL_SPC_UNSPECIFIED: return frame->height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;  // as players guess
    default: return SWS_CS_ITU601;
  }
}

template <int kBytes>
void turn(const std::vector<uint8_t>& from, int width, int height, int rotation, std::vector<uint8_t>& to) {
  to.resize(from.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      int column = 0, row = 0, columns = width;
      if (rotation == 90) column = y, row = width - 1 - x, columns = height;
      if (rotation == -90) column = height - 1 - y, row = x, columns = height;
      if (rotation == -180) column = width - 1 - x, row = height - 1 - y;
      std::memcpy(&to[(static_cast<size_t>(row) * static_cast<size_t>(columns) + static_cast<size_t>(column)) * kBytes],
                  &from[(static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) * kBytes], kBytes);
    }
  }
}

// The middle square of a picture, in place.
void cutSquare(std::vector<uint8_t>& pixels, int width, int height, int side, size_t bytes) {
  const auto left = static_cast<size_t>((width - side) / 2), top = static_cast<size_t>((height - side) / 2), row = static_cast<size_t>(side) * bytes;
  for (size_t y = 0; y < static_cast<size_t>(side); ++y) {
    std::memmove(&pixels[y * row], &pixels[((top + y) * static_cast<size_t>(width) + left) * bytes], row);
  }
  pixels.resize(row * static_cast<size_t>(side));
}

}  // namespace

void deinterlace(AVFrame* frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
  const bool planar_bytes = format && (format->flags & AV_PIX_FMT_FLAG_PLANAR) && !(format->flags & AV_PIX_FMT_FLAG_RGB) && format->comp[0].depth == 8;
  if (!planar_bytes) return;
  const int second = frame->top_field_first ? 1 : 0;
  for (int plane = 0; plane < format->nb_components && frame->data[plane]; ++plane) {
    const bool chroma = plane == 1 || plane == 2;
    const int height = chroma ? AV_CEIL_RSHIFT(frame->height, format->log2_chroma_h) : frame->height;
    const int width = chroma ? AV_CEIL_RSHIFT(frame->width, format->log2_chroma_w) : frame->width;
    for (int y = second; y < height; y += 2) {
      uint8_t* line = frame->data[plane] + static_cast<ptrdiff_t>(y) * frame->linesize[plane];
      const uint8_t* above = y > 0 ? line - frame->linesize[plane] : line + frame->linesize[plane];
      const uint8_t* below = y + 1 < height ? line + frame->linesize[plane] : above;
      for (int x = 0; x < width; ++x) {
        const int mean = (above[x] + below[x] + 1) / 2;
        // Combing: outside both neighbours by more than texture is.
        const bool combs = (line[x] > std::max(above[x], below[x]) + kCombing) || (line[x] < std::min(above[x], below[x]) - kCombing);
        if (combs) line[x] = static_cast<uint8_t>(mean);
      }
    }
  }
}

PictureMaker::PictureMaker(const VideoFacts& facts, const ReaderOptions& options) : rotation_(facts.rotation), options_(options), progressive_(newFrame()) {}
PictureMaker::~PictureMaker() { sws_freeContext(scaler_); }

std::pair<int, int> PictureMaker::sizeOf(const AVFrame* decoded) const {
  const bool turned = rotation_ == 90 || rotation_ == -90;
  int width = decoded->width, height = decoded->height;
  if (options_.exact_width > 0 && options_.exact_height > 0) {
    width = turned ? options_.exact_height : options_.exact_width;
    height = turned ? options_.exact_width : options_.exact_height;
    return {width, height};
  }
  if (options_.square > 0) {
    const double scale = static_cast<double>(options_.square) / std::min(width, height);
    return {std::max(options_.square, static_cast<int>(std::lround(width * scale))), std::max(options_.square, static_cast<int>(std::lround(height * scale)))};
  }
  const int most_width = turned ? options_.max_height : options_.max_width, most_height = turned ? options_.max_width : options_.max_height;
  double scale = 1.0;
  if (most_width > 0) scale = std::min(scale, static_cast<double>(most_width) / width);
  if (most_height > 0) scale = std::min(scale, static_cast<double>(most_height) / height);
  if (scale < 1.0) {
    width = std::max(1, static_cast<int>(std::lround(width * scale)));
    height = std::max(1, static_cast<int>(std::lround(height * scale)));
  }
  return {width, height};
}

void PictureMaker::fill(const AVFrame* decoded, Frame& out) {
  out.layout = options_.layout;
  if (decoded->width <= 0 || decoded->height <= 0 || decoded->width > kLargestSide || decoded->height > kLargestSide || int64_t{decoded->width} * decoded->height > kLargestPicture) {
    out.problem = "the frame claims " + std::to_string(decoded->width) + " x " + std::to_string(decoded->height) + " pixels";
    return;
  }
  const AVFrame* source = decoded;
  if (decoded->interlaced_frame && options_.deinterlace) {
    av_frame_unref(progressive_.get());
    if (av_frame_ref(progressive_.get(), decoded) == 0 && av_frame_make_writable(progressive_.get()) == 0) {
      deinterlace(progressive_.get());
      source = progressive_.get();
    }
  }
  auto [width, height] = sizeOf(source);
  const AVPixelFormat target = options_.layout == PixelLayout::rgb24 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_BGRA;
  const bool same_size = width == source->width && height == source->height;
  // Networks get area averages, without aliasing and the same on every machine (bit exact); the screen gets them fast.
  const bool for_screen = options_.layout == PixelLayout::bgra32;
  const int flags = for_screen ? (same_size ? SWS_POINT : SWS_BILINEAR) : (same_size ? SWS_BICUBIC : SWS_AREA) | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT;
  scaler_ = sws_getCachedContext(scaler_, source->width, source->height, static_cast<AVPixelFormat>(source->format), width, height, target, flags, nullptr, nullptr, nullptr);
  if (!scaler_) {
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(source->format));
    out.problem = std::string("pictures of the form ") + (name ? name : "unknown") + " cannot be shown";
    return;
  }
  const int* table = sws_getCoefficients(coefficientsOf(source));
  sws_setColorspaceDetails(scaler_, table, source->color_range == AVCOL_RANGE_JPEG ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
  const auto bytes = static_cast<size_t>(options_.layout == PixelLayout::rgb24 ? 3 : 4);
  const int stride = static_cast<int>(static_cast<size_t>(width) * bytes);
  // The scaler may write a few bytes past a row.
  std::vector<uint8_t> pixels(static_cast<size_t>(stride) * static_cast<size_t>(height) + 64);
  uint8_t* planes[4] = {pixels.data(), nullptr, nullptr, nullptr};
  const int strides[4] = {stride, 0, 0, 0};
  if (sws_scale(scaler_, source->data, source->linesize, 0, source->height, planes, strides) <= 0) {
    out.problem = "the frame could not be converted";
    return;
  }
  pixels.resize(static_cast<size_t>(stride) * static_cast<size_t>(height));
  if (options_.square > 0) {
    cutSquare(pixels, width, height, options_.square, bytes);
    width = height = options_.square;
  }
  const bool turned = rotation_ == 90 || rotation_ == -90;
  out.width = turned ? height : width;
  out.height = turned ? width : height;
  if (rotation_ == 0) {
    out.pixels = std::move(pixels);
  } else if (bytes == 3) {
    turn<3>(pixels, width, height, rotation_, out.pixels);
  } else {
    turn<4>(pixels, width, height, rotation_, out.pixels);
  }
}

}  // namespace hvlm::video
