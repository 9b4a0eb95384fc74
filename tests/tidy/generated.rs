//! Goal: what programs write is what they would write now.
//! Method: make it again and compare.

use anyhow::Result;
use harness::checkout::read;
use testbed::{checkout::Checkout, generated};

#[test]
fn the_types_of_the_page_are_fresh() -> Result<()> {
    let fresh = generated::contract(&Checkout::find()?)? == read(generated::CONTRACT)?;
    assert!(fresh, "{} is old; run: cargo x generate", generated::CONTRACT);
    Ok(())
}

#[test]
fn the_description_of_the_api_is_fresh() -> Result<()> {
    let checkout = Checkout::find()?;
    for (file, now) in [
        (generated::OPENAPI, generated::openapi(&checkout)?),
        (generated::ASYNCAPI, generated::asyncapi(&checkout)?),
    ] {
        assert!(now == read(file)?, "{file} is old; run: cargo x generate");
    }
    Ok(())
}

#[test]
fn the_reference_of_the_configuration_is_fresh() -> Result<()> {
    let now = generated::configuration(&Checkout::find()?)?;
    for (file, now) in generated::CONFIGURATION.into_iter().zip(now) {
        assert!(now == read(file)?, "{file} is old; run: cargo x generate");
    }
    Ok(())
}

#[test]
fn the_definition_of_chat_cluster_is_fresh() -> Result<()> {
    let now = generated::crd(&Checkout::find()?)?;
    for file in generated::CRDS {
        assert!(now == read(file)?, "{file} is old; run: cargo x generate");
    }
    Ok(())
}
