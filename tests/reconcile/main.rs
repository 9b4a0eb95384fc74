//! Ring `reconcile`: needs a real Kubernetes API with its controllers.
//! Containers are pretended, so what a pod does is said by its image's name.

mod causes;
mod children;
mod cli;
mod foreign;
mod ground;
mod helm;
mod killed;
mod lease;
mod memory;
mod migration;
mod observe;
mod outage;
mod people;
mod refuse;
mod rights;
mod rollout;
mod silent;
mod tls;
mod unmade;
