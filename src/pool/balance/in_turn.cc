#include "pool/balance/kinds.h"

namespace outrigger::pool {

void InTurn::Reset(const Field& field) { heap_.Reset(field.candidates); }

Seat InTurn::Choose(const Question& question) { return heap_.Choose(question); }

void InTurn::OnUse(Seat seat, uint32_t in_use) {
  if (table_.in_heap[seat] != TurnTable::kNowhere) {
    heap_.SetUse(seat, in_use);
  }
}

}  // namespace outrigger::pool
