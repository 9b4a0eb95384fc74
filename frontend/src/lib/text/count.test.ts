import { expect, it } from 'vitest';
import { countLabel } from './count';

it('shows 99+ above 99', () => {
  expect([countLabel(99), countLabel(100)]).toEqual(['99', '99+']);
});
