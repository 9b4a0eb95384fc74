//! Ring `reconcile`: needs a real Kubernetes API with its controllers.
//! Containers are pretended, so what a pod does is said by its image's name.

mod causes;
mod children;
mod ground;
mod lease;
mod observe;
mod refuse;
mod rights;
mod rollout;
mod tls;
