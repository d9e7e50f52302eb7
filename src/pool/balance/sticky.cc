#include "pool/balance/kinds.h"

namespace outrigger::pool {

void Sticky::Reset(const Field& field) {
  SeatSet seats;
  for (const Candidate& candidate : field.candidates) seats.set(candidate.seat);
  ring_ = all_.Only(seats);
  any_.Reset(field);
}

Seat Sticky::Choose(const Question& question) {
  if (question.session_key.empty()) return any_.Choose(question);
  return ring_.Find(question.session_key, question.avoid);
}

void Sticky::OnUse(Seat seat, uint32_t in_use) { any_.OnUse(seat, in_use); }

}  // namespace outrigger::pool
