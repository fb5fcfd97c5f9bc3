"""What two people sign, and the one judgement of whether they may."""
