//! Uploaded files: their metadata, and the parts of those that are stored in the database.

use chat_domain::{
    id::{UploadId, UserId},
    upload::{ContentType, Upload},
};
use chrono::{DateTime, Utc};
use sqlx::{Row, mysql::MySqlRow};

use super::{Error, Result, Store};

impl Store {
    /// Inserts an upload.
    pub async fn insert_upload(&self, upload: &Upload, now: DateTime<Utc>) -> Result<()> {
        sqlx::query(
            "INSERT INTO uploads (id, user_id, content_type, bytes, width, height, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(upload.id.0)
        .bind(upload.user.0)
        .bind(upload.content_type.as_str())
        .bind(upload.bytes)
        .bind(upload.width)
        .bind(upload.height)
        .bind(now)
        .execute(self.pool())
        .await
        .map_err(Error::from_insert)?;
        Ok(())
    }

    /// Metadata of an upload.
    pub async fn find_upload(&self, upload: UploadId) -> Result<Option<Upload>> {
        let row = sqlx::query(
            "SELECT id, user_id, content_type, bytes, width, height FROM uploads WHERE id = ?",
        )
        .bind(upload.0)
        .fetch_optional(self.pool())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Deletes an upload.
    pub async fn delete_upload(&self, upload: UploadId) -> Result<()> {
        sqlx::query("DELETE FROM uploads WHERE id = ?").bind(upload.0).execute(self.pool()).await?;
        Ok(())
    }

    /// Stores a part of a file, counted from 0.
    pub async fn insert_upload_part(&self, id: UploadId, part: u32, bytes: &[u8]) -> Result<()> {
        sqlx::query("INSERT INTO upload_parts (upload_id, part, bytes) VALUES (?, ?, ?)")
            .bind(id.0)
            .bind(part)
            .bind(bytes)
            .execute(self.pool())
            .await
            .map_err(Error::from_insert)?;
        Ok(())
    }

    /// A part of a file; `None` after the last one.
    pub async fn find_upload_part(&self, id: UploadId, part: u32) -> Result<Option<Vec<u8>>> {
        let bytes =
            sqlx::query_scalar("SELECT bytes FROM upload_parts WHERE upload_id = ? AND part = ?")
                .bind(id.0)
                .bind(part)
                .fetch_optional(self.pool())
                .await?;
        Ok(bytes)
    }

    /// Deletes all parts of a file.
    pub async fn delete_upload_parts(&self, id: UploadId) -> Result<()> {
        sqlx::query("DELETE FROM upload_parts WHERE upload_id = ?")
            .bind(id.0)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

/// A row as an upload.
fn from_row(row: &MySqlRow) -> Result<Upload> {
    let id = UploadId(row.try_get("id")?);
    let wrong =
        || Error::Inconsistent { table: "uploads", column: "content_type", id: id.0.to_string() };
    Ok(Upload {
        id,
        user: UserId(row.try_get("user_id")?),
        content_type: ContentType::parse(row.try_get("content_type")?).ok_or_else(wrong)?,
        bytes: row.try_get("bytes")?,
        width: row.try_get("width")?,
        height: row.try_get("height")?,
    })
}
