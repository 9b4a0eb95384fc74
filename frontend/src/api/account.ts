/** Sign-up, sign-in, sessions, profile. */
import { get, patch, post, put, putBlob, remove } from './client';
import type { ChangeMe, ChangePassword, Me, Session, SignedIn, SignIn, SignUp, User } from './contract';
import { finishSignOut } from './session';

/** A pending sign-out is completed before another session begins: the new cookie would replace the old one. */
const begin = (path: string, body: SignUp | SignIn): Promise<SignedIn> => finishSignOut().then(() => post(path, body));

export const signUp = (body: SignUp): Promise<SignedIn> => begin('/api/auth/sign-up', body);
export const signIn = (body: SignIn): Promise<SignedIn> => begin('/api/auth/sign-in', body);
export const listSessions = (): Promise<Session[]> => get('/api/auth/sessions');
export const endSession = (id: string): Promise<null> => remove(`/api/auth/sessions/${id}`);
export const getMe = (): Promise<Me> => get('/api/me');
export const changeMe = (body: ChangeMe): Promise<Me> => patch('/api/me', body);
export const changePassword = (body: ChangePassword): Promise<null> => put('/api/me/password', body);
export const setPhoto = (file: Blob): Promise<Me> => putBlob('/api/me/photo', file);
export const removePhoto = (): Promise<Me> => remove('/api/me/photo');
export const findUsers = (query: string): Promise<User[]> => get(`/api/users?query=${encodeURIComponent(query)}`);
export const getUser = (id: string): Promise<User> => get(`/api/users/${encodeURIComponent(id)}`);
