import DataLoader from 'dataloader';
import type { Actor } from '../../kernel/policy.ts';
import type { ReadSellers } from '../application/read-sellers.ts';
import type { SellersContext } from './context.ts';

/** Batched reads for one actor; they live as long as one operation. */
export function createLoaders(read: ReadSellers, actor: Actor): SellersContext['loaders'] {
  return {
    profile: new DataLoader((ids) => read.profiles(ids)),
    account: new DataLoader((ids) => read.accounts(ids, actor)),
  };
}
