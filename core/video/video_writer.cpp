// SPDX-License-Identifier: Apache-2.0
#include "video/video_writer.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>

#include "support/atomic_file.h"
#include "support/error.h"
#include "video/container.h"

namespace hvlm {
namespace fs = std::filesystem;
using namespace video;
namespace {

const std::map<std::string, std::vector<const char*>>& encoders() {
  static const std::map<std::string, std::vector<const char*>> names = {{"h264", {"libx264", "h264"}},       {"hevc", {"libx265"}}, {"vp9", {"libvpx-vp9"}},
                                                                         {"av1", {"libsvtav1", "libaom-av1"}}, {"mpeg4", {"mpeg4"}}, {"mjpeg", {"mjpeg"}}};
  return names;
}

const AVCodec* encoderFor(const std::string& codec) {
  const auto known = encoders().find(codec);
  if (known == encoders().end()) return nullptr;
  for (const char* name : known->second) {
    if (const AVCodec* encoder = avcodec_find_encoder_by_name(name)) return encoder;
  }
  return nullptr;
}

// Ticks a second that all usual frame times are whole multiples of.
constexpr int kTicks = 90000;

}  // namespace

struct VideoWriter::Impl {
  Impl(const fs::path& file, const WriterOptions& o) : path(file), options(o), pending(file), packet(newPacket()), picture(newFrame()) {
    av_log_set_level(AV_LOG_QUIET);
    static const int quiet = setenv("SVT_LOG", "1", 0);  // errors only
    (void)quiet;
    check();
    try {
      open();
    } catch (...) {
      discard();
      throw;
    }
  }
  ~Impl() { discard(); }

  [[noreturn]] void refuse(const std::string& what, int error) const {
    if (error == AVERROR(ENOSPC) || error == AVERROR(EACCES) || error == AVERROR(ENOENT)) throw systemError(path.string(), what, AVUNERROR(error));
    throw InputError({.where = path.string(), .expected = "to " + what, .found = ffmpegText(error), .remedy = "Try another codec or container, or another folder."});
  }

  void check() const {
    if (options.width < 2 || options.height < 2 || options.width % 2 || options.height % 2 || options.width > kLargestSide || options.height > kLargestSide) {
      throw InputError({.where = path.string(), .expected = "a picture size of even numbers from 2 to 16384", .found = std::to_string(options.width) + " x " + std::to_string(options.height), .remedy = "Choose an even size."});
    }
    if (options.rate_num <= 0 || options.rate_den <= 0) throw InputError({.where = path.string(), .expected = "a positive frame rate", .found = std::to_string(options.rate_num) + "/" + std::to_string(options.rate_den), .remedy = "Choose one, such as 25/1."});
  }

  void open() {
    const std::string container = options.container;
    const AVOutputFormat* format = av_guess_format(container.empty() ? nullptr : container.c_str(), container.empty() ? path.c_str() : nullptr, nullptr);
    if (!format) throw InputError({.where = path.string(), .expected = "a container such as mp4, matroska, webm, avi, mpegts or mov", .found = container.empty() ? "the suffix " + path.extension().string() : container, .remedy = "Name another file or container."});
    int error = avformat_alloc_output_context2(&output, format, nullptr, path.c_str());
    if (error < 0) refuse("write the video", error);
    openEncoder(format);
    stream = avformat_new_stream(output, nullptr);
    if (!stream) throw std::bad_alloc();
    stream->time_base = codec->time_base;
    stream->avg_frame_rate = codec->framerate;
    avcodec_parameters_from_context(stream->codecpar, codec.get());
    if (options.rotation != 0) {
      auto* matrix = reinterpret_cast<int32_t*>(av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t)));
      if (!matrix) throw std::bad_alloc();
      av_display_rotation_set(matrix, -options.rotation);  // the call takes clockwise degrees, the reader tells counter-clockwise ones
    }
    output->flags |= AVFMT_FLAG_BITEXACT;  // no clock, no version in the file
    error = avio_open(&output->pb, ("file:" + pending.aside().string()).c_str(), AVIO_FLAG_WRITE);
    if (error < 0) refuse("write the video", error);
    AVDictionary* muxing = nullptr;
    if (std::string(format->name) == "mpegts") av_dict_set(&muxing, "mpegts_copyts", "1", 0);
    error = avformat_write_header(output, &muxing);
    av_dict_free(&muxing);
    if (error < 0) refuse("write the head of the video", error);
    picture->format = codec->pix_fmt;
    picture->width = options.width;
    picture->height = options.height;
    error = av_frame_get_buffer(picture.get(), 0);
    if (error < 0) throw std::bad_alloc();
  }

  void openEncoder(const AVOutputFormat* format) {
    const AVCodec* encoder = encoderFor(options.codec);
    if (!encoder) {
      throw InputError({.where = path.string(), .expected = "a codec this build of FFmpeg can write (h264, hevc, vp9, av1, mpeg4, mjpeg)", .found = options.codec + ", no encoder in this build", .remedy = "Choose another codec."});
    }
    codec.reset(avcodec_alloc_context3(encoder));
    if (!codec) throw std::bad_alloc();
    codec->width = options.width;
    codec->height = options.height;
    codec->pix_fmt = options.codec == "mjpeg" ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    codec->color_range = options.codec == "mjpeg" ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (options.codec != "mjpeg") codec->colorspace = AVCOL_SPC_SMPTE170M;
    // MPEG-4 knows at most 65,535 ticks a second, AVI one tick a frame.
    const bool fixed = options.codec == "mpeg4" || std::string(format->name) == "avi";
    codec->time_base = fixed ? AVRational{options.rate_den, options.rate_num} : AVRational{1, kTicks};
    codec->framerate = {options.rate_num, options.rate_den};
    codec->thread_count = options.threads;
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    const bool plain = options.codec == "mpeg4" || options.codec == "mjpeg";  // their encoder closes groups by itself and refuses the flag
    if (!options.open_gop && !plain) codec->flags |= AV_CODEC_FLAG_CLOSED_GOP;
    if (options.interlaced) codec->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
    if (format->flags & AVFMT_GLOBALHEADER) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (options.gop > 0) codec->gop_size = options.gop;
    if (options.b_frames >= 0) codec->max_b_frames = options.b_frames;
    tune(encoder->name);
    const int error = avcodec_open2(codec.get(), encoder, nullptr);
    if (error < 0) refuse("open the encoder " + std::string(encoder->name), error);
  }

  void tune(const std::string& encoder) {
    void* own = codec->priv_data;
    const auto quality = [&](int64_t otherwise) { return options.quality > 0 ? options.quality : otherwise; };
    if (encoder == "libx264") {
      av_opt_set(own, "preset", options.preset.c_str(), 0);
      av_opt_set_int(own, "crf", quality(23), 0);
      std::string parameters = options.open_gop ? "open-gop=1" : "open-gop=0";
      if (options.gop > 0) parameters += ":scenecut=0";
      av_opt_set(own, "x264-params", parameters.c_str(), 0);
    } else if (encoder == "libx265") {
      av_opt_set(own, "preset", options.preset.c_str(), 0);
      av_opt_set_int(own, "crf", quality(28), 0);
      std::string parameters = std::string("log-level=none:pools=1:frame-threads=1:info=0:open-gop=") + (options.open_gop ? "1" : "0");
      if (options.gop > 0) parameters += ":keyint=" + std::to_string(options.gop) + ":scenecut=0";
      if (options.b_frames >= 0) parameters += ":bframes=" + std::to_string(options.b_frames);
      av_opt_set(own, "x265-params", parameters.c_str(), 0);
    } else if (encoder == "libvpx-vp9") {
      codec->bit_rate = 0;
      av_opt_set_int(own, "crf", quality(32), 0);
      av_opt_set(own, "deadline", "realtime", 0);
      av_opt_set_int(own, "cpu-used", 8, 0);
    } else if (encoder == "libsvtav1") {
      av_opt_set_int(own, "preset", 10, 0);
      av_opt_set_int(own, "crf", quality(35), 0);
      av_opt_set(own, "svtav1-params", "lp=1", 0);
    } else if (encoder == "libaom-av1") {
      codec->bit_rate = 0;
      av_opt_set_int(own, "crf", quality(35), 0);
      av_opt_set_int(own, "cpu-used", 8, 0);
    } else {
      codec->flags |= AV_CODEC_FLAG_QSCALE;
      codec->global_quality = static_cast<int>(quality(4)) * FF_QP2LAMBDA;
    }
  }

  void write(const Frame& frame, double seconds) {
    if (frame.width != options.width || frame.height != options.height || frame.pixels.size() != static_cast<size_t>(frame.width) * static_cast<size_t>(frame.height) * static_cast<size_t>(frame.bytesPerPixel())) {
      throw InputError({.where = path.string(), .expected = "pictures of " + std::to_string(options.width) + " x " + std::to_string(options.height), .found = std::to_string(frame.width) + " x " + std::to_string(frame.height), .remedy = "Give every picture the size of the video."});
    }
    int error = av_frame_make_writable(picture.get());
    if (error < 0) throw std::bad_alloc();
    const AVPixelFormat from = frame.layout == PixelLayout::rgb24 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_BGRA;
    scaler = sws_getCachedContext(scaler, frame.width, frame.height, from, frame.width, frame.height, codec->pix_fmt, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr);
    if (!scaler) throw std::bad_alloc();
    const int* table = sws_getCoefficients(SWS_CS_ITU601);
    sws_setColorspaceDetails(scaler, table, 1, table, codec->color_range == AVCOL_RANGE_JPEG ? 1 : 0, 0, 1 << 16, 1 << 16);
    const uint8_t* planes[4] = {frame.pixels.data(), nullptr, nullptr, nullptr};
    const int strides[4] = {frame.width * frame.bytesPerPixel(), 0, 0, 0};
    sws_scale(scaler, planes, strides, 0, frame.height, picture->data, picture->linesize);
    const int64_t stamp = std::llround((options.start_seconds + seconds) / av_q2d(codec->time_base));
    if (stamp <= last_stamp) throw InputError({.where = path.string(), .expected = "times that rise by a tick at least", .found = "frame " + std::to_string(frames) + " not after the one before", .remedy = "Write frames in order of their times."});
    last_stamp = stamp;
    picture->pts = stamp;
    picture->interlaced_frame = options.interlaced;
    picture->top_field_first = options.interlaced;
    picture->pict_type = AV_PICTURE_TYPE_NONE;
    picture->quality = codec->global_quality;
    ++frames;
    encode(picture.get());
  }

  void encode(const AVFrame* frame) {
    int error = avcodec_send_frame(codec.get(), frame);
    if (error < 0 && error != AVERROR_EOF) refuse("encode a frame", error);
    while (true) {
      error = avcodec_receive_packet(codec.get(), packet.get());
      if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return;
      if (error < 0) refuse("encode a frame", error);
      packet->stream_index = stream->index;
      if (packet->duration == 0) packet->duration = std::max<int64_t>(1, std::llround(static_cast<double>(options.rate_den) / options.rate_num / av_q2d(codec->time_base)));
      av_packet_rescale_ts(packet.get(), codec->time_base, stream->time_base);
      error = av_interleaved_write_frame(output, packet.get());
      if (error < 0) refuse("write the video", error);
    }
  }

  void close() {
    if (closed) return;
    encode(nullptr);
    int error = av_write_trailer(output);
    if (error < 0) refuse("finish the video", error);
    error = avio_closep(&output->pb);
    if (error < 0) refuse("finish the video", error);
    pending.commit();
    closed = true;
  }

  void discard() {
    if (output && output->pb) avio_closep(&output->pb);
    avformat_free_context(output);
    output = nullptr;
    sws_freeContext(scaler);
    scaler = nullptr;
  }

  fs::path path;
  WriterOptions options;
  PendingFile pending;
  AVFormatContext* output = nullptr;
  AVStream* stream = nullptr;
  CodecOwner codec;
  PacketOwner packet;
  FrameOwner picture;
  SwsContext* scaler = nullptr;
  int64_t last_stamp = INT64_MIN, frames = 0;
  bool closed = false;
};

VideoWriter::VideoWriter(const fs::path& path, const WriterOptions& options) : impl_(std::make_unique<Impl>(path, options)) {}
VideoWriter::~VideoWriter() = default;
void VideoWriter::write(const Frame& picture) { impl_->write(picture, static_cast<double>(impl_->frames) * impl_->options.rate_den / impl_->options.rate_num); }
void VideoWriter::writeAt(const Frame& picture, double seconds) { impl_->write(picture, seconds); }
void VideoWriter::close() { impl_->close(); }

bool canEncode(const std::string& codec) { return encoderFor(codec) != nullptr; }

}  // namespace hvlm
