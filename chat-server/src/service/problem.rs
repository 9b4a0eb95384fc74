//! Errors as RFC 9457 problems: one table for REST and for sockets.

use chat_contract::wire::{Code, Problem};

use super::Error;

/// The problem body of an error. Never contains a message of a driver.
#[must_use]
pub(crate) fn problem(error: &Error) -> Problem {
    let (code, status, title) = row(error);
    let mut problem = Problem {
        code,
        status,
        title: title.to_owned(),
        detail: sentence(&error.to_string()),
        field: None,
        retry_after: None,
    };
    match error {
        Error::Invalid(invalid) => {
            problem.field = Some(invalid.field.to_owned());
            problem.detail = format!("`{}` {}.", invalid.field, invalid.rule);
        }
        Error::UserNotFound(name) => problem.field = Some(name.clone()),
        Error::TooMany { retry_after } => problem.retry_after = Some(*retry_after),
        Error::Unavailable(_) => problem.retry_after = Some(1),
        Error::UploadsUnavailable(_) => problem.retry_after = Some(5),
        _ => {}
    }
    problem
}

fn row(error: &Error) -> (Code, u16, &'static str) {
    match error {
        Error::Invalid(_) => (Code::InvalidValue, 422, "A value is not allowed"),
        Error::Shape(_) => (Code::InvalidRequest, 400, "The request cannot be read"),
        Error::TooLarge(_) => (Code::TooLarge, 413, "Too large"),
        Error::UnsupportedImage(_) => (Code::UnsupportedImage, 415, "Not a picture"),
        Error::Unauthenticated => (Code::Unauthenticated, 401, "Not signed in"),
        Error::WrongCredentials => (Code::WrongCredentials, 401, "Wrong name or password"),
        Error::OriginRefused => (Code::OriginRefused, 403, "Wrong origin"),
        Error::Forbidden(_) => (Code::Forbidden, 403, "Not allowed"),
        Error::NotMember => (Code::NotMember, 403, "Not a member"),
        Error::NotFound(_) => (Code::NotFound, 404, "Not found"),
        Error::UserNotFound(_) => (Code::UserNotFound, 404, "Nobody of this name"),
        Error::UsernameTaken => (Code::UsernameTaken, 409, "Taken"),
        Error::EmailTaken => (Code::EmailTaken, 409, "Taken"),
        Error::NameTaken => (Code::NameTaken, 409, "Taken"),
        Error::ClientIdReused => (Code::ClientIdReused, 409, "Used for another message"),
        Error::Conflict(_) => (Code::Conflict, 409, "Not possible now"),
        Error::TooManyReactions => (Code::TooManyReactions, 409, "Too many reactions"),
        Error::TooMany { .. } => (Code::TooManyRequests, 429, "Too many requests"),
        Error::Unavailable(_) => (Code::Unavailable, 503, "Not available now"),
        Error::UploadsUnavailable(_) => (Code::UploadsUnavailable, 503, "No pictures now"),
        Error::Internal(_) => (Code::Internal, 500, "A fault of the server"),
    }
}

/// An error message as a sentence for users.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

#[cfg(test)]
mod tests {
    use chat_domain::Invalid;

    use super::*;
    use crate::{files, mysql, redis};

    #[test]
    fn what_a_client_acts_on_comes_with_the_problem() {
        let invalid = problem(&Error::Invalid(Invalid::new("name", "is too long")));
        assert_eq!((invalid.code, invalid.status), (Code::InvalidValue, 422));
        assert_eq!(invalid.title, "A value is not allowed");
        assert_eq!(invalid.detail, "`name` is too long.");
        assert_eq!(invalid.field.as_deref(), Some("name"));
        let nobody = problem(&Error::UserNotFound("ada".to_owned()));
        assert_eq!((nobody.status, nobody.field.as_deref()), (404, Some("ada")));
        assert_eq!(nobody.detail, "Nobody here is called ada.");
        let retry_after = |error| problem(&error).retry_after;
        assert_eq!(retry_after(Error::TooMany { retry_after: 7 }), Some(7));
        assert_eq!(retry_after(Error::Unavailable(None)), Some(1));
        let (place, why) = ("/uploads".to_owned(), "full".to_owned());
        let uploads = Error::from(files::Error::Unavailable { place, why });
        assert_eq!(retry_after(uploads), Some(5));
        assert_eq!(retry_after(Error::NotMember), None);
    }

    #[test]
    fn a_problem_never_has_the_words_of_the_store() {
        let code = |error: mysql::Error| problem(&error.into()).code;
        let taken = |key: &str| code(mysql::Error::Taken(key.to_owned()));
        assert_eq!(taken("users_username"), Code::UsernameTaken);
        assert_eq!(taken("users_email"), Code::EmailTaken);
        assert_eq!(taken("rooms_public_name"), Code::NameTaken);
        assert_eq!(taken("another"), Code::Conflict);
        assert_eq!(code(mysql::Error::Silent), Code::Unavailable);
        for error in [mysql::Error::Unfinished(7).into(), redis::Error::Unavailable.into()] {
            let internal = problem(&error);
            assert_eq!((internal.code, internal.status), (Code::Internal, 500));
            assert_eq!(internal.detail, "A fault of the server.");
        }
    }
}
