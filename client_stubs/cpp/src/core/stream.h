// A stream of messages in both directions, on a loop's queue.
#ifndef OUTRIGGER_CLIENT_CORE_STREAM_H_
#define OUTRIGGER_CLIENT_CORE_STREAM_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "core/activities.h"
#include "core/loop.h"
#include "core/mistakes.h"
#include "outrigger/answer.h"

namespace outrigger::client::internal {

// Owns itself: it is there until OnEnded has returned. Messages are sent as
// bytes, so that a caller can encode its part before they are put together.
template <class Response>
class Stream {
 public:
  // On the loop's thread.
  class Owner {
   public:
    virtual ~Owner() = default;
    // A message can be written: the first, or the next one.
    virtual void OnWritable(Stream& stream) = 0;
    virtual void OnMessage(Stream& stream, Response& message) = 0;
    // The last of all.
    virtual void OnEnded(Stream& stream, const absl::Status& status) = 0;
  };

  // `owner`, `loop` and `activities` must be there until OnEnded; the caller
  // has entered the activities.
  static Stream* Open(Loop& loop, Activities& activities,
                      const std::shared_ptr<grpc::Channel>& channel,
                      const std::string& method, const Metadata& metadata,
                      Owner& owner) {
    return new Stream(loop, activities, channel, method, metadata, owner);
  }

  // Before each Write. Keeps the stream from ending until that has been done.
  // Under a lock that the owner takes in OnEnded, too. False: it is ending.
  [[nodiscard]] bool Hold() {
    int count = under_way_.load(std::memory_order_relaxed);
    while (count > 0) {
      if (under_way_.compare_exchange_weak(count, count + 1,
                                           std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  // One for each OnWritable. Any thread.
  void Write(const grpc::ByteBuffer& message) {
    call_->Write(message, &written_);
  }

  // The same, and there will be no other.
  void WriteLast(const grpc::ByteBuffer& message) {
    last_ = true;
    call_->WriteLast(message, grpc::WriteOptions(), &written_);
  }

  // It ends soon. Any thread, before OnEnded.
  void Cancel() { context_.TryCancel(); }

 private:
  Stream(Loop& loop, Activities& activities,
         const std::shared_ptr<grpc::Channel>& channel,
         const std::string& method, const Metadata& metadata, Owner& owner)
      : activities_(activities), owner_(owner), stub_(channel) {
    for (const auto& [name, value] : metadata) {
      context_.AddMetadata(name, value);
    }
    call_ = stub_.PrepareCall(&context_, method, loop.queue());
    call_->StartCall(&started_);
  }

  void Started(bool ok) {
    if (!ok) {
      Finish();
    } else {
      Begin();
      call_->Read(&message_, &read_);
      owner_.OnWritable(*this);
    }
    Ended();
  }

  void Written(bool ok) {
    if (ok && !last_) owner_.OnWritable(*this);
    Ended();
  }

  void Read(bool ok) {
    if (!ok) {
      Finish();
    } else {
      owner_.OnMessage(*this, message_);
      message_.Clear();
      Begin();
      call_->Read(&message_, &read_);
    }
    Ended();
  }

  void Finish() {
    Begin();
    call_->Finish(&status_, &finished_);
  }

  void Finished(bool) { Ended(); }

  void Begin() { under_way_.fetch_add(1, std::memory_order_relaxed); }

  // One operation less is under way.
  void Ended() {
    if (under_way_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    owner_.OnEnded(*this, FromGrpc(status_));
    Activities& activities = activities_;
    delete this;
    activities.Leave();
  }

  Activities& activities_;
  Owner& owner_;
  grpc::ClientContext context_;
  grpc::TemplatedGenericStub<grpc::ByteBuffer, Response> stub_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<grpc::ByteBuffer, Response>>
      call_;
  Response message_;
  grpc::Status status_;
  bool last_ = false;
  std::atomic<int> under_way_{1};  // operations, the start among them
  EventOf<Stream, &Stream::Started> started_{*this};
  EventOf<Stream, &Stream::Written> written_{*this};
  EventOf<Stream, &Stream::Read> read_{*this};
  EventOf<Stream, &Stream::Finished> finished_{*this};
};

// A message's bytes.
template <class Message>
grpc::ByteBuffer Encode(const Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_STREAM_H_
