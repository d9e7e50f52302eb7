#include "limit/allow_stream.h"

#include <google/protobuf/io/coded_stream.h>

#include <thread>
#include <utility>

namespace outrigger::client::internal {
namespace {

using google::protobuf::io::CodedOutputStream;

constexpr char kMethod[] = "/outrigger.ratelimit.v1.RateLimiter/AllowStream";
constexpr std::size_t kMaxQuestions = 1000;
constexpr std::size_t kMaxBytes = 1 << 20;

// Fields 1 (id, a varint) and 2 (requests, messages) of AllowStreamRequest.
constexpr std::uint8_t kIdTag = 1 << 3;
constexpr std::uint8_t kRequestTag = 2 << 3 | 2;

grpc::ByteBuffer EncodeMessage(
    std::uint64_t id, const std::vector<std::shared_ptr<Question>>& questions) {
  std::size_t size = 1 + CodedOutputStream::VarintSize64(id);
  for (const auto& question : questions) {
    size += 1 + CodedOutputStream::VarintSize64(question->bytes.size()) +
            question->bytes.size();
  }
  grpc::Slice slice(size);
  auto* out = const_cast<std::uint8_t*>(slice.begin());
  *out++ = kIdTag;
  out = CodedOutputStream::WriteVarint64ToArray(id, out);
  for (const auto& question : questions) {
    const std::string& bytes = question->bytes;
    *out++ = kRequestTag;
    out = CodedOutputStream::WriteVarint64ToArray(bytes.size(), out);
    out = CodedOutputStream::WriteRawToArray(
        bytes.data(), static_cast<int>(bytes.size()), out);
  }
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

void AllowStream::Ask(const std::shared_ptr<Question>& question) {
  bool company = false;
  std::uint64_t epoch = 0;
  bool closed = false;
  {
    absl::MutexLock lock(&mutex_);
    closed = closed_ || !Connect();
    if (closed) {
      question->state = Question::State::kOver;
      question->reply.status = absl::UnavailableError("closing");
    } else {
      if (question->done) SetDeadline(question);
      queue_.push_back(question);
      if (writing_) return;
      writing_ = true;
      epoch = epoch_;
      company = !sent_.empty();
    }
  }
  if (closed) {
    Answer({question});
    return;
  }
  // Callers whose last question was answered together are about to ask again:
  // those who are ready get in.
  if (company) std::this_thread::yield();
  Flush(epoch);
}

void AllowStream::SetDeadline(const std::shared_ptr<Question>& question) {
  question->timer = line_.loop().At(
      question->deadline, [this, weak = std::weak_ptr<Question>(question)] {
        const std::shared_ptr<Question> late = weak.lock();
        if (late != nullptr && GiveUp(*late)) {
          late->reply.status = absl::DeadlineExceededError("no answer");
          late->done(late->reply);
        }
      });
}

bool AllowStream::GiveUp(Question& question) {
  absl::MutexLock lock(&mutex_);
  if (question.state == Question::State::kOver) return false;
  Over(question);
  return true;
}

void AllowStream::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  if (stream_ != nullptr) stream_->Cancel();
}

std::size_t AllowStream::Pending() {
  absl::MutexLock lock(&mutex_);
  std::size_t count = queue_.size();
  for (const auto& [id, sent] : sent_) count += sent.questions.size();
  return count;
}

bool AllowStream::Connect() {
  if (stream_ != nullptr) return true;
  if (!line_.activities().Enter()) return false;
  writing_ = true;  // until it has begun
  stream_ = Wire::Open(line_.loop(), line_.activities(), line_.channel().grpc(),
                       kMethod, {}, *this);
  return true;
}

void AllowStream::Flush(std::uint64_t epoch) {
  grpc::ByteBuffer bytes;
  Wire* stream = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    // A stream that is ending answers all that wait; see OnEnded.
    if (epoch != epoch_) return;
    DropOver();
    if (queue_.empty()) {
      writing_ = false;
      return;
    }
    if (!stream_->Hold()) return;
    stream = stream_;
    Questions questions = NextMessage();
    const std::uint64_t id = ++last_message_;
    bytes = EncodeMessage(id, questions);
    for (const auto& question : questions) {
      question->state = Question::State::kSent;
      question->message = id;
    }
    Sent& sent = sent_[id];
    sent.open = questions.size();
    sent.questions = std::move(questions);
  }
  stream->Write(bytes);
}

AllowStream::Questions AllowStream::NextMessage() {
  Questions questions;
  std::size_t bytes = 0;
  while (!queue_.empty() && questions.size() < kMaxQuestions &&
         bytes < kMaxBytes) {
    const std::shared_ptr<Question>& next = queue_.front();
    if (next->state != Question::State::kOver) {
      if (next->alone && !questions.empty()) break;
      bytes += next->bytes.size();
      questions.push_back(next);
      if (next->alone) {
        queue_.pop_front();
        break;
      }
    }
    queue_.pop_front();
  }
  return questions;
}

void AllowStream::Over(Question& question) {
  if (question.timer != 0) line_.loop().Cancel(question.timer);
  if (question.state == Question::State::kSent) {
    const auto sent = sent_.find(question.message);
    if (sent != sent_.end() && --sent->second.open == 0) sent_.erase(sent);
  }
  question.state = Question::State::kOver;
  DropOver();
}

void AllowStream::DropOver() {
  while (!queue_.empty() && queue_.front()->state == Question::State::kOver) {
    queue_.pop_front();
  }
}

std::uint64_t AllowStream::Epoch() {
  absl::MutexLock lock(&mutex_);
  return epoch_;
}

void AllowStream::AskAlone(Questions questions) {
  for (auto& question : questions) {
    question->alone = true;
    question->state = Question::State::kQueued;
    queue_.push_back(std::move(question));
  }
}

void AllowStream::OnWritable(Wire&) { Flush(Epoch()); }

void AllowStream::OnMessage(Wire&,
                            ratelimit::v1::AllowStreamResponse& message) {
  auto shared = std::make_shared<ratelimit::v1::AllowStreamResponse>();
  shared->Swap(&message);
  absl::Status status;
  if (shared->has_error()) {
    status = absl::Status(static_cast<absl::StatusCode>(shared->error().code()),
                          shared->error().message());
  }
  Questions answered;
  bool flush = false;
  std::uint64_t epoch = 0;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = sent_.find(shared->id());
    if (found == sent_.end()) return;  // all of its callers have gone
    Questions questions = std::move(found->second.questions);
    sent_.erase(found);
    if (status.ok() &&
        shared->responses_size() != static_cast<int>(questions.size())) {
      status = absl::InternalError("as many answers as questions");
    }
    const bool alone = questions.size() == 1;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if (questions[i]->state == Question::State::kOver) continue;
      questions[i]->reply = {status, shared, static_cast<int>(i)};
      answered.push_back(std::move(questions[i]));
    }
    if (!alone && IsMistake(status)) {
      AskAlone(std::exchange(answered, {}));
      flush = !std::exchange(writing_, true);
      epoch = epoch_;
    } else {
      for (const auto& question : answered) Over(*question);
    }
  }
  Answer(answered);
  if (flush) Flush(epoch);
}

void AllowStream::OnEnded(Wire&, const absl::Status& status) {
  const absl::Status reason = absl::UnavailableError(status.message());
  Questions answered;
  {
    absl::MutexLock lock(&mutex_);
    stream_ = nullptr;
    ++epoch_;
    writing_ = false;
    for (auto& [id, sent] : sent_) {
      for (auto& question : sent.questions) {
        if (question->state != Question::State::kOver) {
          answered.push_back(std::move(question));
        }
      }
    }
    sent_.clear();
    for (auto& question : queue_) {
      if (question->state != Question::State::kOver) {
        answered.push_back(std::move(question));
      }
    }
    queue_.clear();
    for (const auto& question : answered) {
      Over(*question);
      question->reply.status = reason;
    }
  }
  Answer(answered);
}

void AllowStream::Answer(const Questions& questions) {
  for (const auto& question : questions) {
    if (question->done) {
      question->done(question->reply);
    } else {
      question->answered.Notify();
    }
  }
}

}  // namespace outrigger::client::internal
