#include "bench/load/frames.h"

#include "absl/strings/str_cat.h"

namespace outrigger::bench {
namespace {

constexpr size_t kHeadBytes = 9;

// A literal field that enters the table, with a name of the static table
// (`name_index`) or a new one, without Huffman coding.
void AppendIndexed(uint8_t name_index, absl::string_view name,
                   absl::string_view value, std::string* out) {
  out->push_back(static_cast<char>(0x40 | name_index));
  if (name_index == 0) {
    out->push_back(static_cast<char>(name.size()));
    absl::StrAppend(out, name);
  }
  out->push_back(static_cast<char>(value.size()));
  absl::StrAppend(out, value);
}

}  // namespace

bool TakeFrame(absl::string_view* bytes, Frame* frame) {
  if (bytes->size() < kHeadBytes) return false;
  const uint32_t length = ReadUint32(*bytes) >> 8;
  if (bytes->size() < kHeadBytes + length) return false;
  frame->type = static_cast<FrameType>((*bytes)[3]);
  frame->flags = static_cast<uint8_t>((*bytes)[4]);
  frame->stream = ReadUint32(bytes->substr(5)) & 0x7fffffff;
  frame->payload = bytes->substr(kHeadBytes, length);
  bytes->remove_prefix(kHeadBytes + length);
  return true;
}

void AppendUint32(uint32_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out->push_back(static_cast<char>(value >> shift));
}

uint32_t ReadUint32(absl::string_view bytes) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i)
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

void AppendFrame(const Frame& frame, std::string* out) {
  AppendUint32(static_cast<uint32_t>(frame.payload.size()) << 8 |
                   static_cast<uint32_t>(frame.type),
               out);
  out->push_back(static_cast<char>(frame.flags));
  AppendUint32(frame.stream, out);
  absl::StrAppend(out, frame.payload);
}

void AppendOpening(std::string* out) {
  absl::StrAppend(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  std::string settings;
  settings.append("\x00\x04", 2);  // SETTINGS_INITIAL_WINDOW_SIZE
  AppendUint32(0x7fffffff, &settings);
  AppendFrame({.type = FrameType::kSettings, .payload = settings}, out);
  AppendWindowUpdate(1u << 30, out);
}

void AppendWindowUpdate(uint32_t bytes, std::string* out) {
  std::string payload;
  AppendUint32(bytes, &payload);
  AppendFrame({.type = FrameType::kWindowUpdate, .payload = payload}, out);
}

std::string FirstHeaders(absl::string_view path) {
  std::string block = "\x83\x86";  // :method POST, :scheme http
  AppendIndexed(4, "", path, &block);
  AppendIndexed(1, "", "localhost", &block);
  AppendIndexed(0, "te", "trailers", &block);
  AppendIndexed(31, "", "application/grpc", &block);
  AppendIndexed(58, "", "bench-load/1", &block);
  AppendIndexed(0, "grpc-accept-encoding", "identity, deflate, gzip", &block);
  return block;
}

std::string LaterHeaders() {
  // The six fields of FirstHeaders, oldest first; the newest has number 62.
  return "\x83\x86\xc3\xc2\xc1\xc0\xbf\xbe";
}

std::string LaterHeadersFor(absl::string_view path) {
  std::string block = "\x83\x86\x04";  // a literal :path, not indexed
  block.push_back(static_cast<char>(path.size()));
  absl::StrAppend(&block, path, "\xc2\xc1\xc0\xbf\xbe");
  return block;
}

}  // namespace outrigger::bench
