// Whether a call's ends take turns, as its reads and writes tell.
#include "client/turn_guess.h"

#include "gtest/gtest.h"

namespace l3link::client {
namespace {

// Turns until a read is guessed to be followed by a write; 0: not within 1,000.
int TurnsUntilGuessed(TurnGuess& guess) {
  for (int turns = 1; turns <= 1000; ++turns) {
    guess.OnWrite();
    if (guess.OnRead()) return turns;
  }
  return 0;
}

TEST(TurnGuessTest, AFewTurnsMakeItGuess) {
  TurnGuess guess;
  EXPECT_EQ(TurnsUntilGuessed(guess), 4);
  EXPECT_EQ(TurnsUntilGuessed(guess), 1) << "and the next one comes at once";
}

TEST(TurnGuessTest, ReadsWithoutAWriteBetweenThemAreNoTurns) {
  TurnGuess guess;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(guess.OnRead());
  TurnsUntilGuessed(guess);
  EXPECT_FALSE(guess.OnRead());
  EXPECT_EQ(TurnsUntilGuessed(guess), 4) << "begins anew";
}

TEST(TurnGuessTest, TwoReadsAWriteAreNoTurns) {
  TurnGuess guess;
  for (int i = 0; i < 1000; ++i) {
    guess.OnWrite();
    EXPECT_FALSE(guess.OnRead());
    EXPECT_FALSE(guess.OnRead());
  }
}

TEST(TurnGuessTest, EachWrongGuessDoublesWhatTheNextOneWants) {
  TurnGuess guess;
  TurnsUntilGuessed(guess);
  for (int wanted : {8, 16, 32, 64, 128, 256, 256}) {
    guess.OnWrong();
    EXPECT_EQ(TurnsUntilGuessed(guess), wanted);
  }
}

TEST(TurnGuessTest, ManyRightGuessesMakeUpForAWrongOne) {
  TurnGuess guess;
  guess.OnWrong();
  guess.OnWrong();
  EXPECT_EQ(TurnsUntilGuessed(guess), 16);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(TurnsUntilGuessed(guess), 1);
  guess.OnRead();
  EXPECT_EQ(TurnsUntilGuessed(guess), 8);
  for (int i = 0; i < 63; ++i) EXPECT_EQ(TurnsUntilGuessed(guess), 1);
  guess.OnRead();
  EXPECT_EQ(TurnsUntilGuessed(guess), 8) << "one too few";
}

}  // namespace
}  // namespace l3link::client
