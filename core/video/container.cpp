// SPDX-License-Identifier: Apache-2.0
#include "video/container.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/hwcontext.h>
#include <libavutil/pixdesc.h>
}
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <new>

#include "support/error.h"

namespace hvlm::video {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kProbeBytes = 8 << 20;
constexpr int64_t kAnalyzeMicroseconds = 5'000'000;
constexpr int kMostStreams = 64;

// FFmpeg's own lines go nowhere: what matters is told by exceptions and Frame::problem.
struct Quiet {
  Quiet() { av_log_set_level(AV_LOG_QUIET); }
};

// Degrees counter-clockwise a picture is turned to be shown, from the display matrix; whole quarters only.
int rotationOf(const AVStream* stream) {
  const auto* matrix = reinterpret_cast<const int32_t*>(av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr));
  if (!matrix) return 0;
  const double angle = av_display_rotation_get(matrix);
  if (std::isnan(angle)) return 0;
  int quarter = static_cast<int>(std::lround(angle / 90.0)) % 4;
  if (quarter < 0) quarter += 4;
  return quarter == 3 ? -90 : quarter == 2 ? -180 : quarter * 90;  // as ffprobe says it
}

void checkPlainFile(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (error || !fs::exists(status)) {
    throw InputError({.where = path.string(), .expected = "a video file", .found = error && error != std::errc::no_such_file_or_directory ? error.message() : "no such file",
                      .remedy = "Check the path."});
  }
  if (fs::is_directory(status)) throw InputError({.where = path.string(), .expected = "a video file", .found = "a folder", .remedy = "Name the files in it."});
  if (!fs::is_regular_file(status)) throw InputError({.where = path.string(), .expected = "a plain video file", .found = "a device or pipe", .remedy = "Save it as a file first."});
  if (access(path.c_str(), R_OK) != 0) throw systemError(path.string(), "read the video", errno);
  if (fs::file_size(path, error) == 0 && !error) {
    throw InputError({.where = path.string(), .expected = "a video file", .found = "an empty file (0 bytes)", .remedy = "Copy or download it again."});
  }
}

}  // namespace

std::string ffmpegText(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

PacketOwner newPacket() {
  PacketOwner packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}
FrameOwner newFrame() {
  FrameOwner frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

Container::Container(const fs::path& path, double stall_seconds, bool sound_will_do) : path_(path), stall_seconds_(stall_seconds) {
  static const Quiet quiet;
  checkPlainFile(path);
  format_ = avformat_alloc_context();
  if (!format_) throw std::bad_alloc();
  format_->interrupt_callback = {.callback = &Container::interrupted, .opaque = this};
  format_->probesize = kProbeBytes;
  format_->max_analyze_duration = kAnalyzeMicroseconds;
  format_->max_streams = kMostStreams;
  format_->max_probe_packets = 2000;
  restartClock();
  // "file:" keeps FFmpeg from taking a name with a colon for a protocol; playlists must not open other files.
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  int error = avformat_open_input(&format_, ("file:" + path.string()).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (error < 0) {
    throw InputError({.where = path.string(), .expected = "a video file in a format FFmpeg knows", .found = error == AVERROR_INVALIDDATA ? "no video data (" + ffmpegText(error) + ")" : ffmpegText(error),
                      .remedy = "Check that it plays elsewhere; a download that broke off must be fetched again."});
  }
  restartClock();
  error = avformat_find_stream_info(format_, nullptr);
  stream_ = av_find_best_stream(format_, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (stream_ >= 0 && (format_->streams[stream_]->disposition & AV_DISPOSITION_ATTACHED_PIC)) stream_ = -1;  // the cover of a song
  try {
    readFacts(sound_will_do);
  } catch (...) {
    avformat_close_input(&format_);
    throw;
  }
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    if (static_cast<int>(i) != stream_) format_->streams[i]->discard = AVDISCARD_ALL;
  }
}

Container::~Container() { avformat_close_input(&format_); }

int Container::interrupted(void* self) { return std::chrono::steady_clock::now() > static_cast<Container*>(self)->deadline_; }

void Container::restartClock() { deadline_ = std::chrono::steady_clock::now() + std::chrono::microseconds(static_cast<int64_t>(stall_seconds_ * 1e6)); }

void Container::readFacts(bool sound_will_do) {
  VideoFacts& f = facts_;
  f.container = format_->iformat->name;
  f.duration = format_->duration != AV_NOPTS_VALUE ? static_cast<double>(format_->duration) / AV_TIME_BASE : 0.0;
  f.start_time = format_->start_time != AV_NOPTS_VALUE ? static_cast<double>(format_->start_time) / AV_TIME_BASE : 0.0;
  const int audio = av_find_best_stream(format_, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (audio >= 0) {
    const AVCodecParameters* a = format_->streams[audio]->codecpar;
    f.has_audio = true;
    f.audio_codec = avcodec_get_name(a->codec_id);
    f.audio_rate = a->sample_rate;
    f.audio_channels = a->ch_layout.nb_channels;
  }
  if (stream_ < 0 && f.has_audio && sound_will_do) return;
  if (stream_ < 0) {
    throw InputError({.where = path_.string(), .expected = "a video stream", .found = f.has_audio ? "only sound (" + f.audio_codec + ")" : "none (" + f.container + ")",
                      .remedy = "Name a file with pictures."});
  }
  const AVStream* s = stream();
  const AVCodecParameters* p = s->codecpar;
  f.codec = avcodec_get_name(p->codec_id);
  if (const char* profile = avcodec_profile_name(p->codec_id, p->profile)) f.profile = profile;
  if (const char* format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(p->format))) f.pixel_format = format;
  f.width = p->width;
  f.height = p->height;
  if (f.width <= 0 || f.height <= 0) {
    throw InputError({.where = path_.string(), .expected = "a picture size", .found = f.codec + " without one: the file is broken or cut short", .remedy = "Copy or download it again."});
  }
  if (f.width > kLargestSide || f.height > kLargestSide || int64_t{f.width} * f.height > kLargestPicture) {
    throw InputError({.where = path_.string(), .expected = "pictures of at most 16384 a side and 37 million pixels (8K)", .found = std::to_string(f.width) + " x " + std::to_string(f.height),
                      .remedy = "Convert it first: ffmpeg -i \"" + path_.string() + "\" -vf scale=1920:-2 out.mp4"});
  }
  f.rotation = rotationOf(s);
  const bool turned = f.rotation == 90 || f.rotation == -90;
  f.display_width = turned ? f.height : f.width;
  f.display_height = turned ? f.width : f.height;
  const AVRational aspect = av_guess_sample_aspect_ratio(format_, stream(), nullptr);
  if (aspect.num > 0 && aspect.den > 0) {
    f.pixel_aspect_num = aspect.num;
    f.pixel_aspect_den = aspect.den;
  }
  f.average_rate = s->avg_frame_rate.den > 0 ? av_q2d(s->avg_frame_rate) : 0.0;
  f.header_frames = s->nb_frames;
}

double Container::seconds(int64_t stamp) const { return static_cast<double>(stamp) * av_q2d(stream()->time_base); }
int64_t Container::stamp(double seconds) const { return std::llround(seconds / av_q2d(stream()->time_base)); }

bool Container::read(AVPacket* packet) {
  while (true) {
    av_packet_unref(packet);
    restartClock();
    const int error = av_read_frame(format_, packet);
    if (error == AVERROR(EAGAIN)) continue;
    if (error == AVERROR_EXIT) problem_ = "the file gave no data for " + std::to_string(static_cast<int>(stall_seconds_)) + " s";
    else if (error < 0 && error != AVERROR_EOF) problem_ = ffmpegText(error);
    if (error < 0) return false;
    if (packet->stream_index == stream_) return true;
  }
}

void Container::rewind() {
  problem_.clear();
  restartClock();
  // A little before the first packet: containers take the smallest number of all for an overflow.
  const int64_t first = stream()->start_time != AV_NOPTS_VALUE ? stream()->start_time : 0;
  if (av_seek_frame(format_, stream_, first - stamp(10.0) - 1, AVSEEK_FLAG_BACKWARD) >= 0) return;
  if (av_seek_frame(format_, -1, -10 * int64_t{AV_TIME_BASE}, AVSEEK_FLAG_BACKWARD) >= 0) return;
  av_seek_frame(format_, stream_, 0, AVSEEK_FLAG_BYTE);
}

CodecOwner Container::openDecoder(int threads, bool hardware) const {
  const AVCodecParameters* parameters = stream()->codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters->codec_id);
  if (!codec) {
    throw InputError({.where = path_.string(), .expected = "a codec this build of FFmpeg decodes", .found = facts_.codec + ", no decoder in this build",
                      .remedy = "Convert it: ffmpeg -i \"" + path_.string() + "\" -c:v libx264 -crf 18 out.mp4"});
  }
  CodecOwner context(avcodec_alloc_context3(codec));
  if (!context) throw std::bad_alloc();
  avcodec_parameters_to_context(context.get(), parameters);
  context->pkt_timebase = stream()->time_base;
  context->max_pixels = kLargestPicture;
  context->thread_count = threads > 0 ? threads : 2;
  if (hardware) {
    AVBufferRef* device = nullptr;
    for (int i = 0; const AVCodecHWConfig* config = avcodec_get_hw_config(codec, i); ++i) {
      if (!(config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX)) continue;
      if (av_hwdevice_ctx_create(&device, config->device_type, nullptr, nullptr, 0) < 0) continue;
      context->hw_device_ctx = device;
      break;
    }
  }
  const int error = avcodec_open2(context.get(), codec, nullptr);
  if (error < 0) {
    throw InputError({.where = path_.string(), .expected = "a stream that the " + facts_.codec + " decoder takes", .found = ffmpegText(error),
                      .remedy = "Convert it: ffmpeg -i \"" + path_.string() + "\" -c:v libx264 -crf 18 out.mp4"});
  }
  return context;
}

}  // namespace hvlm::video
