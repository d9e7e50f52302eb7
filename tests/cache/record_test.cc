// What is stored can be read again, and what is damaged is seen to be.
#include "cache/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>
#include <zstd.h>

#include <string>

namespace outrigger::cache {
namespace {

// The part that the store fills in, which no checksum covers.
bool IsStoreField(size_t at) {
  return at >= kRecordHead && at < kRecordHead + kRecordStoreFields;
}

Record Sample(std::string value) {
  Record record;
  record.as_of = 0x0102030405060708;
  record.stale_for_ms = 30'000;
  record.tags = {"user:42", "", std::string(kMaxTagBytes, 't')};
  record.value = std::move(value);
  return record;
}

std::string Repetitive(size_t size) {
  std::string text;
  while (text.size() < size) text += "a profile of a user, ";
  text.resize(size);
  return text;
}

void ExpectSame(const Record& got, const Record& want) {
  EXPECT_EQ(got.as_of, want.as_of);
  EXPECT_EQ(got.stale_for_ms, want.stale_for_ms);
  EXPECT_EQ(got.absent, want.absent);
  EXPECT_EQ(got.tags, want.tags);
  EXPECT_TRUE(got.value == want.value);
}

// Sets the checksum right again after a change, as who forges a record would.
void Sign(std::string* record) {
  const std::string fixed = record->substr(3, 1) + record->substr(24, 16);
  const uint32_t seed = XXH32(fixed.data(), fixed.size(), 0);
  const uint32_t sum = XXH32(record->data() + kRecordHeaderBytes,
                             record->size() - kRecordHeaderBytes, seed);
  for (int i = 0; i < 4; ++i) {
    (*record)[40 + i] = static_cast<char>(sum >> (8 * i));
  }
}

TEST(RecordTest, ValuesOfAllSizesComeBack) {
  for (const size_t size : {0, 1, 7, 1024, 1025, 100'000}) {
    for (const int64_t over : {-1, 0, 1024}) {
      const Record record = Sample(Repetitive(size));
      const std::string bytes = EncodeRecord(record, over);
      absl::StatusOr<Record> got = DecodeRecord(bytes);
      ASSERT_TRUE(got.ok()) << got.status() << " size " << size;
      ExpectSame(*got, record);
      EXPECT_EQ(got->version, 0u);
    }
  }
}

TEST(RecordTest, AKnownAbsenceComesBack) {
  Record record;
  record.absent = true;
  absl::StatusOr<Record> got = DecodeRecord(EncodeRecord(record, 0));
  ASSERT_TRUE(got.ok()) << got.status();
  ExpectSame(*got, record);
}

TEST(RecordTest, CompressesOnlyLongerValuesAndOnlyIfThatSavesAnEighth) {
  const Record text = Sample(Repetitive(1025));
  EXPECT_LT(EncodeRecord(text, 1024).size(), 500u);
  EXPECT_GT(EncodeRecord(text, 1025).size(), 1025u);
  EXPECT_GT(EncodeRecord(text, -1).size(), 1025u);

  Record noise = Sample("");
  uint32_t state = 1;
  for (int i = 0; i < 4096; ++i) {
    state = state * 1664525 + 1013904223;
    noise.value.push_back(static_cast<char>(state >> 24));
  }
  const size_t whole = EncodeRecord(noise, -1).size();
  EXPECT_EQ(EncodeRecord(noise, 0).size(), whole);
  // Seven eighths noise: just not enough to save.
  noise.value.append(4096 / 7 - 40, 'x');
  EXPECT_EQ(EncodeRecord(noise, 0).size(), whole + 4096 / 7 - 40);
  noise.value.append(200, 'x');
  EXPECT_LT(EncodeRecord(noise, 0).size(), whole + 200);
}

TEST(RecordTest, TheStoreFillsInItsFields) {
  std::string bytes = EncodeRecord(Sample("v"), -1);
  FillStoreFields(0xfedcba9876543210, 1'700'000'000'123, 250, &bytes);
  absl::StatusOr<Record> got = DecodeRecord(bytes);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->version, 0xfedcba9876543210);
  EXPECT_EQ(got->fresh_until_ms, 1'700'000'000'123);
  EXPECT_EQ(got->load_ms, 250u);
  ExpectSame(*got, Sample("v"));
  absl::StatusOr<RecordHeader> header =
      DecodeRecordHeader(absl::string_view(bytes).substr(0, 45));
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->version, got->version);
  EXPECT_EQ(header->as_of, got->as_of);
}

TEST(RecordTest, EveryTruncationIsDataLoss) {
  for (const int64_t over : {-1, 0}) {
    const std::string bytes = EncodeRecord(Sample(Repetitive(300)), over);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const auto got = DecodeRecord(absl::string_view(bytes).substr(0, size));
      ASSERT_EQ(got.status().code(), absl::StatusCode::kDataLoss) << size;
    }
    EXPECT_FALSE(DecodeRecord(bytes + "x").ok());
  }
}

TEST(RecordTest, EveryFlippedBitIsDataLossOrAnotherNumberOfTheStores) {
  for (const int64_t over : {-1, 0}) {
    const std::string bytes = EncodeRecord(Sample(Repetitive(300)), over);
    for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] ^= static_cast<char>(1 << (bit % 8));
      const auto got = DecodeRecord(flipped);
      ASSERT_EQ(got.ok(), IsStoreField(bit / 8)) << bit;
      if (got.ok()) {
        ExpectSame(*got, Sample(Repetitive(300)));
        EXPECT_TRUE(got->version != 0 || got->fresh_until_ms != 0 ||
                    got->load_ms != 0);
      } else {
        ASSERT_EQ(got.status().code(), absl::StatusCode::kDataLoss) << bit;
      }
    }
  }
}

TEST(RecordTest, ARightChecksumDoesNotMakeAForgeryGood) {
  const std::string good = EncodeRecord(Sample(Repetitive(300)), 0);
  const auto forged = [&](size_t at, uint8_t byte) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(byte);
    Sign(&bytes);
    return DecodeRecord(bytes).status().code();
  };
  ASSERT_EQ(forged(3, 1), absl::StatusCode::kOk);
  EXPECT_EQ(forged(0, 'o'), absl::StatusCode::kDataLoss);
  EXPECT_EQ(forged(2, 2), absl::StatusCode::kDataLoss) << "format";
  EXPECT_EQ(forged(3, 3), absl::StatusCode::kDataLoss) << "both flags";
  EXPECT_EQ(forged(3, 0), absl::StatusCode::kDataLoss) << "not compressed";
  EXPECT_EQ(forged(36, 43), absl::StatusCode::kDataLoss) << "size";
  EXPECT_EQ(forged(39, 5), absl::StatusCode::kDataLoss) << "size of 80 MiB";
  EXPECT_EQ(forged(44, 17), absl::StatusCode::kDataLoss) << "17 tags";
  EXPECT_EQ(forged(45, 129), absl::StatusCode::kDataLoss) << "tag of 129";
}

// A small record that claims much is refused before its memory is reserved; one
// that claims and has much is bounded by kMaxValueBytes.
TEST(RecordTest, WhatADecompressionMayTakeIsBounded) {
  const std::string zeros(kMaxValueBytes + 1, '\0');
  std::string bomb(ZSTD_compressBound(zeros.size()), '\0');
  bomb.resize(
      ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 1));
  std::string bytes = EncodeRecord(Record{}, -1);
  bytes[3] = 1;
  bytes += bomb;
  for (const uint32_t claimed :
       {uint32_t{1}, uint32_t{kMaxValueBytes}, uint32_t{kMaxValueBytes + 1}}) {
    for (int i = 0; i < 4; ++i) {
      bytes[36 + i] = static_cast<char>(claimed >> (8 * i));
    }
    Sign(&bytes);
    EXPECT_EQ(DecodeRecord(bytes).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(RecordTest, TwoFramesAreNotOneValue) {
  const std::string once = EncodeRecord(Sample(Repetitive(300)), 0);
  const size_t tags = 1 + 3 + 7 + kMaxTagBytes;
  std::string twice = once + once.substr(kRecordHeaderBytes + tags);
  Sign(&twice);
  EXPECT_EQ(DecodeRecord(twice).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace outrigger::cache
