import type { Behaviour } from './virtual-calls.js';

/** The outside world of the sandbox, by called number. `silent`: not even a provisional response. */
export const TRUNK_NUMBERS: Record<string, { does: string; behaviour: Behaviour | 'silent' }> = {
  '+3212345678': { does: 'answers after 300 ms, stays', behaviour: { answerAfter: 300 } },
  '+3212345765': { does: 'answers after 300 ms, stays', behaviour: { answerAfter: 300 } },
  '+3212345680': { does: 'busy', behaviour: { refuse: 486 } },
  '+3212345681': { does: 'rings, never answers', behaviour: {} },
  '+3212345682': { does: 'declines', behaviour: { refuse: 603 } },
  '+3212345683': { does: 'answers, hangs up after 2 s', behaviour: { answerAfter: 300, hangUpAfter: 2000 } },
  '+3212345684': {
    does: 'answers, puts the caller on hold after 2 s, takes back after 2 s',
    behaviour: { answerAfter: 300, holdAfter: 2000, resumeAfter: 2000 },
  },
  '+3212345685': { does: 'never responds at all', behaviour: 'silent' },
  '+3212345686': { does: 'number not in service', behaviour: { refuse: 404 } },
};

/** Any other number is not in service. */
export function behaviourOf(number: string): Behaviour | 'silent' {
  return TRUNK_NUMBERS[number]?.behaviour ?? { refuse: 404 };
}
