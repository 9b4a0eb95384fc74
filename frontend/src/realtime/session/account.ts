/** My own account: what is changed of it is known here at once. */
import * as api from '../../api/account';
import type { ChangeMe, Me } from '../../api/contract';
import type { Directory } from '../store/directory';
import type { ChatStore } from '../store/store';

export type Account = {
  readonly change: (change: ChangeMe) => Promise<Me>;
  readonly setPhoto: (file: Blob) => Promise<Me>;
  readonly removePhoto: () => Promise<Me>;
};

export function createAccount(deps: { store: ChatStore; directory: Pick<Directory, 'learnUsers'> }): Account {
  const learn = async (answer: Promise<Me>) => {
    const me = await answer;
    deps.store.update(() => ({ me }));
    deps.directory.learnUsers([me]);
    return me;
  };
  return {
    change: (change) => learn(api.changeMe(change)),
    setPhoto: (file) => learn(api.setPhoto(file)),
    removePhoto: () => learn(api.removePhoto()),
  };
}
