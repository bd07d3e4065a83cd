// Generated from a migrated database by test/clients/run-javascript.sh --write.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  // Allows to automatically instantiate createClient with right options
  // instead of createClient<Database, { PostgrestVersion: 'XX' }>(URL, KEY)
  __InternalSupabase: {
    PostgrestVersion: "14"
  }
  laurel: {
    Tables: {
      activities: {
        Row: {
          category: string | null
          created_at: string
          description: string | null
          id: string
          name: string
          organization_id: string
          status: string
          updated_at: string
        }
        Insert: {
          category?: string | null
          created_at?: string
          description?: string | null
          id?: string
          name: string
          organization_id?: string
          status?: string
          updated_at?: string
        }
        Update: {
          category?: string | null
          created_at?: string
          description?: string | null
          id?: string
          name?: string
          organization_id?: string
          status?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "activities_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      answer_keys: {
        Row: {
          created_at: string
          id: string
          keys: NonNullable<Json>
          module_id: string
          organization_id: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          id?: string
          keys: NonNullable<Json>
          module_id: string
          organization_id?: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          id?: string
          keys?: NonNullable<Json>
          module_id?: string
          organization_id?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "answer_keys_module_id_fkey"
            columns: ["organization_id", "module_id"]
            isOneToOne: true
            referencedRelation: "learning_modules"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      appointment_reminders: {
        Row: {
          appointment_id: string
          created_at: string
          id: string
          minutes_before: number
          organization_id: string
          times_moved: number
        }
        Insert: {
          appointment_id: string
          created_at?: string
          id?: string
          minutes_before: number
          organization_id: string
          times_moved: number
        }
        Update: {
          appointment_id?: string
          created_at?: string
          id?: string
          minutes_before?: number
          organization_id?: string
          times_moved?: number
        }
        Relationships: [
          {
            foreignKeyName: "appointment_reminders_appointment_id_fkey"
            columns: ["organization_id", "appointment_id"]
            isOneToOne: false
            referencedRelation: "appointments"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      appointments: {
        Row: {
          beneficiary_id: string | null
          blocked: unknown
          buffer_minutes: number
          cancel_until: string
          cancellation_reason: string | null
          cancelled_at: string | null
          completed_at: string | null
          confirmed_at: string | null
          created_at: string
          description: string | null
          end_time: string
          google_event_id: string | null
          has_waitlist: boolean
          held_until: string | null
          id: string
          location: string | null
          max_participants: number | null
          meeting_url: string | null
          notes: string | null
          organization_id: string
          places_taken: number
          reminder_sent: boolean
          room_id: string | null
          sequence: number
          session_id: string | null
          start_time: string
          status: string
          times_moved: number
          title: string
          trainer_id: string | null
          type: string | null
          updated_at: string
          user_id: string | null
          waiting_count: number
          waitlisted_at: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          beneficiary_id?: string | null
          blocked?: unknown
          buffer_minutes?: number
          cancel_until?: string
          cancellation_reason?: string | null
          cancelled_at?: string | null
          completed_at?: string | null
          confirmed_at?: string | null
          created_at?: string
          description?: string | null
          end_time: string
          google_event_id?: string | null
          has_waitlist?: boolean
          held_until?: string | null
          id?: string
          location?: string | null
          max_participants?: number | null
          meeting_url?: string | null
          notes?: string | null
          organization_id?: string
          places_taken?: number
          reminder_sent?: boolean
          room_id?: string | null
          sequence?: number
          session_id?: string | null
          start_time: string
          status?: string
          times_moved?: number
          title: string
          trainer_id?: string | null
          type?: string | null
          updated_at?: string
          user_id?: string | null
          waiting_count?: number
          waitlisted_at?: string | null
        }
        Update: {
          beneficiary_id?: string | null
          blocked?: unknown
          buffer_minutes?: number
          cancel_until?: string
          cancellation_reason?: string | null
          cancelled_at?: string | null
          completed_at?: string | null
          confirmed_at?: string | null
          created_at?: string
          description?: string | null
          end_time?: string
          google_event_id?: string | null
          has_waitlist?: boolean
          held_until?: string | null
          id?: string
          location?: string | null
          max_participants?: number | null
          meeting_url?: string | null
          notes?: string | null
          organization_id?: string
          places_taken?: number
          reminder_sent?: boolean
          room_id?: string | null
          sequence?: number
          session_id?: string | null
          start_time?: string
          status?: string
          times_moved?: number
          title?: string
          trainer_id?: string | null
          type?: string | null
          updated_at?: string
          user_id?: string | null
          waiting_count?: number
          waitlisted_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "appointments_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "appointments_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "appointments_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "appointments_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "appointments_room_id_fkey"
            columns: ["organization_id", "room_id"]
            isOneToOne: false
            referencedRelation: "rooms"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "appointments_session_id_fkey"
            columns: ["organization_id", "session_id"]
            isOneToOne: false
            referencedRelation: "appointments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "appointments_trainer_id_fkey"
            columns: ["organization_id", "trainer_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      assessment_accommodations: {
        Row: {
          assessment_id: string | null
          beneficiary_id: string
          created_at: string
          extra_attempts: number
          extra_time: number
          id: string
          organization_id: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          assessment_id?: string | null
          beneficiary_id: string
          created_at?: string
          extra_attempts?: number
          extra_time?: number
          id?: string
          organization_id?: string
          updated_at?: string
          user_id?: string
        }
        Update: {
          assessment_id?: string | null
          beneficiary_id?: string
          created_at?: string
          extra_attempts?: number
          extra_time?: number
          id?: string
          organization_id?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "assessment_accommodations_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_accommodations_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_accommodations_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
        ]
      }
      assessment_attempts: {
        Row: {
          assessment_id: string
          attempt_number: number
          beneficiary_id: string
          created_at: string
          due_at: string | null
          graded_at: string | null
          id: string
          max_score: number
          organization_id: string
          questions: string[]
          seed: number
          session_hash: string | null
          sessions: number
          started_at: string
          status: string
          submitted_at: string | null
          updated_at: string
          user_id: string
          versions: number[]
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          assessment_id: string
          attempt_number?: number
          beneficiary_id?: string
          created_at?: string
          due_at?: string | null
          graded_at?: string | null
          id?: string
          max_score?: number
          organization_id?: string
          questions?: string[]
          seed?: number
          session_hash?: string | null
          sessions?: number
          started_at?: string
          status?: string
          submitted_at?: string | null
          updated_at?: string
          user_id: string
          versions?: number[]
        }
        Update: {
          assessment_id?: string
          attempt_number?: number
          beneficiary_id?: string
          created_at?: string
          due_at?: string | null
          graded_at?: string | null
          id?: string
          max_score?: number
          organization_id?: string
          questions?: string[]
          seed?: number
          session_hash?: string | null
          sessions?: number
          started_at?: string
          status?: string
          submitted_at?: string | null
          updated_at?: string
          user_id?: string
          versions?: number[]
        }
        Relationships: [
          {
            foreignKeyName: "assessment_attempts_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_attempts_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_attempts_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "assessment_attempts_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      assessment_draws: {
        Row: {
          assessment_id: string
          count: number
          created_at: string
          id: string
          order: number | null
          organization_id: string
          tags: string[]
          updated_at: string
        }
        Insert: {
          assessment_id: string
          count: number
          created_at?: string
          id?: string
          order?: number | null
          organization_id?: string
          tags: string[]
          updated_at?: string
        }
        Update: {
          assessment_id?: string
          count?: number
          created_at?: string
          id?: string
          order?: number | null
          organization_id?: string
          tags?: string[]
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "assessment_draws_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      assessment_results: {
        Row: {
          ai_analysis: Json | null
          analysed_at: string | null
          analysis_id: string | null
          assessment_id: string
          attempt_id: string
          beneficiary_id: string
          created_at: string
          id: string
          max_score: number
          organization_id: string
          passed: boolean | null
          percentage: number
          recommendations: Json | null
          score: number
          time_taken: number
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          ai_analysis?: Json | null
          analysed_at?: string | null
          analysis_id?: string | null
          assessment_id: string
          attempt_id: string
          beneficiary_id: string
          created_at?: string
          id?: string
          max_score: number
          organization_id?: string
          passed?: boolean | null
          percentage: number
          recommendations?: Json | null
          score: number
          time_taken: number
          updated_at?: string
          user_id: string
        }
        Update: {
          ai_analysis?: Json | null
          analysed_at?: string | null
          analysis_id?: string | null
          assessment_id?: string
          attempt_id?: string
          beneficiary_id?: string
          created_at?: string
          id?: string
          max_score?: number
          organization_id?: string
          passed?: boolean | null
          percentage?: number
          recommendations?: Json | null
          score?: number
          time_taken?: number
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "assessment_results_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_results_attempt_id_fkey"
            columns: ["organization_id", "attempt_id"]
            isOneToOne: true
            referencedRelation: "assessment_attempts"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_results_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_results_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "assessment_results_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      assessments: {
        Row: {
          archived_at: string | null
          attempt_delay: string
          attempts_allowed: number | null
          beneficiary_id: string | null
          closes_at: string | null
          completed_at: string | null
          created_at: string
          description: string | null
          id: string
          marking_tolerance: number
          organization_id: string
          passing_score: number | null
          points_reward: number
          review: string
          scheduled_for: string | null
          second_marking: boolean
          settings: NonNullable<Json>
          shuffle_options: boolean
          shuffle_questions: boolean
          status: string
          time_limit: number | null
          title: string
          trainer_id: string | null
          type: string
          updated_at: string
          user_id: string | null
          wants_analysis: boolean
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          archived_at?: string | null
          attempt_delay?: string
          attempts_allowed?: number | null
          beneficiary_id?: string | null
          closes_at?: string | null
          completed_at?: string | null
          created_at?: string
          description?: string | null
          id?: string
          marking_tolerance?: number
          organization_id?: string
          passing_score?: number | null
          points_reward?: number
          review?: string
          scheduled_for?: string | null
          second_marking?: boolean
          settings?: NonNullable<Json>
          shuffle_options?: boolean
          shuffle_questions?: boolean
          status?: string
          time_limit?: number | null
          title: string
          trainer_id?: string | null
          type: string
          updated_at?: string
          user_id?: string | null
          wants_analysis?: boolean
        }
        Update: {
          archived_at?: string | null
          attempt_delay?: string
          attempts_allowed?: number | null
          beneficiary_id?: string | null
          closes_at?: string | null
          completed_at?: string | null
          created_at?: string
          description?: string | null
          id?: string
          marking_tolerance?: number
          organization_id?: string
          passing_score?: number | null
          points_reward?: number
          review?: string
          scheduled_for?: string | null
          second_marking?: boolean
          settings?: NonNullable<Json>
          shuffle_options?: boolean
          shuffle_questions?: boolean
          status?: string
          time_limit?: number | null
          title?: string
          trainer_id?: string | null
          type?: string
          updated_at?: string
          user_id?: string | null
          wants_analysis?: boolean
        }
        Relationships: [
          {
            foreignKeyName: "assessments_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessments_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "assessments_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "assessments_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "assessments_trainer_id_fkey"
            columns: ["organization_id", "trainer_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      assigned_learning: {
        Row: {
          assigned_at: string
          assignment_id: string
          completed_at: string | null
          created_at: string
          cycle: number
          due_at: string | null
          escalated_at: string | null
          id: string
          is_required: boolean
          learning_path_id: string
          next_notice_at: string | null
          opens_at: string | null
          organization_id: string
          overdue_told_at: string | null
          reminded_at: string | null
          status: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          assigned_at?: string
          assignment_id: string
          completed_at?: string | null
          created_at?: string
          cycle?: number
          due_at?: string | null
          escalated_at?: string | null
          id?: string
          is_required?: boolean
          learning_path_id: string
          next_notice_at?: string | null
          opens_at?: string | null
          organization_id?: string
          overdue_told_at?: string | null
          reminded_at?: string | null
          status?: string
          updated_at?: string
          user_id: string
        }
        Update: {
          assigned_at?: string
          assignment_id?: string
          completed_at?: string | null
          created_at?: string
          cycle?: number
          due_at?: string | null
          escalated_at?: string | null
          id?: string
          is_required?: boolean
          learning_path_id?: string
          next_notice_at?: string | null
          opens_at?: string | null
          organization_id?: string
          overdue_told_at?: string | null
          reminded_at?: string | null
          status?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "assigned_learning_assignment_id_fkey"
            columns: ["organization_id", "assignment_id"]
            isOneToOne: false
            referencedRelation: "learning_assignments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assigned_learning_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      audit_log: {
        Row: {
          actor_id: string | null
          after: Json | null
          application_name: string | null
          before: Json | null
          created_at: string
          hidden: Json | null
          id: string
          login: string
          operation: string
          organization_id: string | null
          request_id: string | null
          role: string
          row_id: string | null
          table_name: string
          transaction_id: unknown
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          actor_id?: string | null
          after?: Json | null
          application_name?: string | null
          before?: Json | null
          created_at: string
          hidden?: Json | null
          id?: string
          login: string
          operation: string
          organization_id?: string | null
          request_id?: string | null
          role: string
          row_id?: string | null
          table_name: string
          transaction_id: unknown
          user_id?: string | null
        }
        Update: {
          actor_id?: string | null
          after?: Json | null
          application_name?: string | null
          before?: Json | null
          created_at?: string
          hidden?: Json | null
          id?: string
          login?: string
          operation?: string
          organization_id?: string | null
          request_id?: string | null
          role?: string
          row_id?: string | null
          table_name?: string
          transaction_id?: unknown
          user_id?: string | null
        }
        Relationships: []
      }
      availability_exceptions: {
        Row: {
          created_at: string
          ends_at: string
          id: string
          kind: string
          organization_id: string
          reason: string | null
          starts_at: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          ends_at: string
          id?: string
          kind?: string
          organization_id?: string
          reason?: string | null
          starts_at: string
          updated_at?: string
          user_id: string
        }
        Update: {
          created_at?: string
          ends_at?: string
          id?: string
          kind?: string
          organization_id?: string
          reason?: string | null
          starts_at?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "availability_exceptions_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      availability_rules: {
        Row: {
          created_at: string
          ends_at: string
          id: string
          organization_id: string
          starts_at: string
          time_zone: string | null
          updated_at: string
          user_id: string
          valid_from: string | null
          valid_until: string | null
          weekday: number
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          ends_at: string
          id?: string
          organization_id?: string
          starts_at: string
          time_zone?: string | null
          updated_at?: string
          user_id: string
          valid_from?: string | null
          valid_until?: string | null
          weekday: number
        }
        Update: {
          created_at?: string
          ends_at?: string
          id?: string
          organization_id?: string
          starts_at?: string
          time_zone?: string | null
          updated_at?: string
          user_id?: string
          valid_from?: string | null
          valid_until?: string | null
          weekday?: number
        }
        Relationships: [
          {
            foreignKeyName: "availability_rules_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      award_budgets: {
        Row: {
          created_at: string
          ends_on: string
          id: string
          name: string
          organization_id: string
          planned_points: number
          starts_on: string
          transaction_type: string | null
          updated_at: string
        }
        Insert: {
          created_at?: string
          ends_on: string
          id?: string
          name: string
          organization_id?: string
          planned_points: number
          starts_on: string
          transaction_type?: string | null
          updated_at?: string
        }
        Update: {
          created_at?: string
          ends_on?: string
          id?: string
          name?: string
          organization_id?: string
          planned_points?: number
          starts_on?: string
          transaction_type?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "award_budgets_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      badge_awards: {
        Row: {
          awarded_by: string
          awarded_date: string
          badge_id: string
          created_at: string
          evidence: string | null
          evidence_url: string | null
          id: string
          note: string | null
          organization_id: string
          points_awarded: number
          user_id: string
          valid_until: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          awarded_by?: string
          awarded_date?: string
          badge_id: string
          created_at?: string
          evidence?: string | null
          evidence_url?: string | null
          id?: string
          note?: string | null
          organization_id?: string
          points_awarded?: number
          user_id: string
          valid_until?: string | null
        }
        Update: {
          awarded_by?: string
          awarded_date?: string
          badge_id?: string
          created_at?: string
          evidence?: string | null
          evidence_url?: string | null
          id?: string
          note?: string | null
          organization_id?: string
          points_awarded?: number
          user_id?: string
          valid_until?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "badge_awards_badge_id_fkey"
            columns: ["organization_id", "badge_id"]
            isOneToOne: false
            referencedRelation: "badges"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "badge_awards_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      badge_revocations: {
        Row: {
          badge_id: string
          organization_id: string
          reason: string | null
          revoked_at: string
          revoked_by: string | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          badge_id: string
          organization_id: string
          reason?: string | null
          revoked_at?: string
          revoked_by?: string | null
          user_id: string
        }
        Update: {
          badge_id?: string
          organization_id?: string
          reason?: string | null
          revoked_at?: string
          revoked_by?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "badge_revocations_badge_id_fkey"
            columns: ["organization_id", "badge_id"]
            isOneToOne: false
            referencedRelation: "badges"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "badge_revocations_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      badges: {
        Row: {
          badge_name: string
          category: string | null
          created_at: string
          criteria: NonNullable<Json>
          criteria_narrative: string | null
          description: string | null
          icon: string | null
          id: string
          is_active: boolean
          organization_id: string
          points_value: number
          rarity: string
          slug: string
          tier: string
          times_awarded: number
          updated_at: string
        }
        Insert: {
          badge_name: string
          category?: string | null
          created_at?: string
          criteria?: NonNullable<Json>
          criteria_narrative?: string | null
          description?: string | null
          icon?: string | null
          id?: string
          is_active?: boolean
          organization_id?: string
          points_value?: number
          rarity?: string
          slug?: string
          tier?: string
          times_awarded?: number
          updated_at?: string
        }
        Update: {
          badge_name?: string
          category?: string | null
          created_at?: string
          criteria?: NonNullable<Json>
          criteria_narrative?: string | null
          description?: string | null
          icon?: string | null
          id?: string
          is_active?: boolean
          organization_id?: string
          points_value?: number
          rarity?: string
          slug?: string
          tier?: string
          times_awarded?: number
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "badges_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      beneficiaries: {
        Row: {
          completed_at: string | null
          created_at: string
          enrollment_date: string
          id: string
          inactive_at: string | null
          metadata: NonNullable<Json>
          organization_id: string
          status: string
          trainer_id: string | null
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          completed_at?: string | null
          created_at?: string
          enrollment_date?: string
          id?: string
          inactive_at?: string | null
          metadata?: NonNullable<Json>
          organization_id?: string
          status?: string
          trainer_id?: string | null
          updated_at?: string
          user_id: string
        }
        Update: {
          completed_at?: string | null
          created_at?: string
          enrollment_date?: string
          id?: string
          inactive_at?: string | null
          metadata?: NonNullable<Json>
          organization_id?: string
          status?: string
          trainer_id?: string | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "beneficiaries_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "beneficiaries_trainer_id_fkey"
            columns: ["organization_id", "trainer_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "beneficiaries_user_id_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      beneficiary_notes: {
        Row: {
          beneficiary_id: string
          created_at: string
          notes: string
          organization_id: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          beneficiary_id: string
          created_at?: string
          notes: string
          organization_id?: string
          updated_at?: string
          user_id?: string
        }
        Update: {
          beneficiary_id?: string
          created_at?: string
          notes?: string
          organization_id?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "beneficiary_notes_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: true
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "beneficiary_notes_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: true
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "beneficiary_notes_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      buddy_matches: {
        Row: {
          accepted_at: string | null
          buddy_accepted_at: string | null
          buddy_id: string
          created_at: string
          declined_at: string | null
          ended_at: string | null
          explanation: NonNullable<Json>
          id: string
          organization_id: string
          proposed_at: string
          score: number | null
          status: string
          times: number
          updated_at: string
          user_accepted_at: string | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          accepted_at?: string | null
          buddy_accepted_at?: string | null
          buddy_id: string
          created_at?: string
          declined_at?: string | null
          ended_at?: string | null
          explanation?: NonNullable<Json>
          id?: string
          organization_id?: string
          proposed_at?: string
          score?: number | null
          status?: string
          times?: number
          updated_at?: string
          user_accepted_at?: string | null
          user_id: string
        }
        Update: {
          accepted_at?: string | null
          buddy_accepted_at?: string | null
          buddy_id?: string
          created_at?: string
          declined_at?: string | null
          ended_at?: string | null
          explanation?: NonNullable<Json>
          id?: string
          organization_id?: string
          proposed_at?: string
          score?: number | null
          status?: string
          times?: number
          updated_at?: string
          user_accepted_at?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "buddy_matches_buddy_id_fkey"
            columns: ["organization_id", "buddy_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "buddy_matches_offer_fkey"
            columns: ["organization_id", "buddy_id"]
            isOneToOne: false
            referencedRelation: "buddy_profiles"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "buddy_matches_user_id_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      buddy_profiles: {
        Row: {
          capacity: number
          created_at: string
          languages: string[] | null
          open_matches: number
          organization_id: string
          paused_until: string | null
          skills: string[] | null
          status: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          capacity?: number
          created_at?: string
          languages?: string[] | null
          open_matches?: number
          organization_id?: string
          paused_until?: string | null
          skills?: string[] | null
          status?: string
          updated_at?: string
          user_id: string
        }
        Update: {
          capacity?: number
          created_at?: string
          languages?: string[] | null
          open_matches?: number
          organization_id?: string
          paused_until?: string | null
          skills?: string[] | null
          status?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "buddy_profiles_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: true
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      buddy_requests: {
        Row: {
          created_at: string
          languages: string[] | null
          organization_id: string
          skills: string[] | null
          updated_at: string
          user_id: string
          wanted: boolean
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          languages?: string[] | null
          organization_id?: string
          skills?: string[] | null
          updated_at?: string
          user_id: string
          wanted?: boolean
        }
        Update: {
          created_at?: string
          languages?: string[] | null
          organization_id?: string
          skills?: string[] | null
          updated_at?: string
          user_id?: string
          wanted?: boolean
        }
        Relationships: [
          {
            foreignKeyName: "buddy_requests_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: true
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      buddy_settings: {
        Row: {
          answer_within: string
          languages_weight: number
          max_hours_apart: number | null
          newcomer_days: number | null
          organization_id: string
          review: boolean
          skills_weight: number
          updated_at: string
          zone_weight: number
        }
        Insert: {
          answer_within?: string
          languages_weight?: number
          max_hours_apart?: number | null
          newcomer_days?: number | null
          organization_id?: string
          review?: boolean
          skills_weight?: number
          updated_at?: string
          zone_weight?: number
        }
        Update: {
          answer_within?: string
          languages_weight?: number
          max_hours_apart?: number | null
          newcomer_days?: number | null
          organization_id?: string
          review?: boolean
          skills_weight?: number
          updated_at?: string
          zone_weight?: number
        }
        Relationships: [
          {
            foreignKeyName: "buddy_settings_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: true
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      calendar_feeds: {
        Row: {
          created_at: string
          organization_id: string
          token_hash: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          organization_id?: string
          token_hash: string
          user_id: string
        }
        Update: {
          created_at?: string
          organization_id?: string
          token_hash?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "calendar_feeds_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: true
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      channel_members: {
        Row: {
          channel_id: string
          id: string
          joined_at: string
          organization_id: string
          team_id: string | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          channel_id: string
          id?: string
          joined_at?: string
          organization_id?: string
          team_id?: string | null
          user_id: string
        }
        Update: {
          channel_id?: string
          id?: string
          joined_at?: string
          organization_id?: string
          team_id?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "channel_members_channel_id_fkey"
            columns: ["organization_id", "channel_id"]
            isOneToOne: false
            referencedRelation: "channels"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "channel_members_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "channel_members_team_membership_fkey"
            columns: ["organization_id", "team_id", "user_id"]
            isOneToOne: false
            referencedRelation: "team_memberships"
            referencedColumns: ["organization_id", "team_id", "user_id"]
          },
        ]
      }
      channels: {
        Row: {
          created_at: string
          description: string | null
          id: string
          member_count: number
          name: string
          organization_id: string
          team_id: string | null
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          id?: string
          member_count?: number
          name: string
          organization_id?: string
          team_id?: string | null
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          id?: string
          member_count?: number
          name?: string
          organization_id?: string
          team_id?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "channels_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "channels_team_id_fkey"
            columns: ["organization_id", "team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      company_values: {
        Row: {
          created_at: string
          description: string | null
          id: string
          name: string
          organization_id: string
          status: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          id?: string
          name: string
          organization_id?: string
          status?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          id?: string
          name?: string
          organization_id?: string
          status?: string
        }
        Relationships: [
          {
            foreignKeyName: "company_values_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      courses: {
        Row: {
          created_at: string
          description: string | null
          id: string
          name: string
          organization_id: string
          trainer_id: string | null
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          id?: string
          name: string
          organization_id?: string
          trainer_id?: string | null
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          id?: string
          name?: string
          organization_id?: string
          trainer_id?: string | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "courses_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "courses_trainer_id_fkey"
            columns: ["organization_id", "trainer_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      credential_issuers: {
        Row: {
          base_url: string
          color: string
          contact: string | null
          created_at: string
          description: string | null
          image: string | null
          issuer_id: string
          name: string
          organization_id: string
          recipient: string
          updated_at: string
          url: string | null
        }
        Insert: {
          base_url: string
          color?: string
          contact?: string | null
          created_at?: string
          description?: string | null
          image?: string | null
          issuer_id: string
          name: string
          organization_id?: string
          recipient?: string
          updated_at?: string
          url?: string | null
        }
        Update: {
          base_url?: string
          color?: string
          contact?: string | null
          created_at?: string
          description?: string | null
          image?: string | null
          issuer_id?: string
          name?: string
          organization_id?: string
          recipient?: string
          updated_at?: string
          url?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "credential_issuers_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: true
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      credential_keys: {
        Row: {
          created_at: string
          key_id: string
          organization_id: string
          reason: string | null
          revoked_at: string | null
        }
        Insert: {
          created_at?: string
          key_id: string
          organization_id: string
          reason?: string | null
          revoked_at?: string | null
        }
        Update: {
          created_at?: string
          key_id?: string
          organization_id?: string
          reason?: string | null
          revoked_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "credential_keys_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      credentials: {
        Row: {
          award_id: string
          document: Json | null
          id: string
          issued_at: string
          jwt: string | null
          key_id: string
          list_no: number
          organization_id: string
          reason: string | null
          revoked_at: string | null
          status_index: number
          user_id: string
          valid_until: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          award_id: string
          document?: Json | null
          id: string
          issued_at: string
          jwt?: string | null
          key_id: string
          list_no: number
          organization_id: string
          reason?: string | null
          revoked_at?: string | null
          status_index: number
          user_id: string
          valid_until?: string | null
        }
        Update: {
          award_id?: string
          document?: Json | null
          id?: string
          issued_at?: string
          jwt?: string | null
          key_id?: string
          list_no?: number
          organization_id?: string
          reason?: string | null
          revoked_at?: string | null
          status_index?: number
          user_id?: string
          valid_until?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "credentials_key_id_fkey"
            columns: ["organization_id", "key_id"]
            isOneToOne: false
            referencedRelation: "credential_keys"
            referencedColumns: ["organization_id", "key_id"]
          },
        ]
      }
      daily_activity: {
        Row: {
          date: string
          first_activity_at: string
          freezes_used: number
          id: string
          last_activity_at: string
          organization_id: string
          time_zone: string | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          date?: string
          first_activity_at?: string
          freezes_used?: number
          id?: string
          last_activity_at?: string
          organization_id?: string
          time_zone?: string | null
          user_id: string
        }
        Update: {
          date?: string
          first_activity_at?: string
          freezes_used?: number
          id?: string
          last_activity_at?: string
          organization_id?: string
          time_zone?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "daily_activity_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      delivery_attempts: {
        Row: {
          attempt: number
          channel: string
          delivery_id: string
          duration_ms: number | null
          error: string | null
          finished_at: string
          latency_ms: number | null
          notification_id: string
          organization_id: string
          outcome: string
          status_code: number | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          attempt: number
          channel: string
          delivery_id: string
          duration_ms?: number | null
          error?: string | null
          finished_at: string
          latency_ms?: number | null
          notification_id: string
          organization_id: string
          outcome: string
          status_code?: number | null
          user_id: string
        }
        Update: {
          attempt?: number
          channel?: string
          delivery_id?: string
          duration_ms?: number | null
          error?: string | null
          finished_at?: string
          latency_ms?: number | null
          notification_id?: string
          organization_id?: string
          outcome?: string
          status_code?: number | null
          user_id?: string
        }
        Relationships: []
      }
      delivery_batches: {
        Row: {
          cancelled: number
          channel: string
          dead: number
          delivered: number
          finished_at: string
          id: string
          latency_buckets: number[]
          latency_counts: number[]
          retried: number
        }
        Insert: {
          cancelled: number
          channel: string
          dead: number
          delivered: number
          finished_at: string
          id?: string
          latency_buckets: number[]
          latency_counts: number[]
          retried: number
        }
        Update: {
          cancelled?: number
          channel?: string
          dead?: number
          delivered?: number
          finished_at?: string
          id?: string
          latency_buckets?: number[]
          latency_counts?: number[]
          retried?: number
        }
        Relationships: []
      }
      delivery_leases: {
        Row: {
          lease_until: string
          remaining: number
          token: string
          worker_id: string
        }
        Insert: {
          lease_until: string
          remaining: number
          token: string
          worker_id: string
        }
        Update: {
          lease_until?: string
          remaining?: number
          token?: string
          worker_id?: string
        }
        Relationships: []
      }
      digest_items: {
        Row: {
          created_at: string
          delivery_id: string
          notification_id: string
          organization_id: string
        }
        Insert: {
          created_at?: string
          delivery_id: string
          notification_id: string
          organization_id: string
        }
        Update: {
          created_at?: string
          delivery_id?: string
          notification_id?: string
          organization_id?: string
        }
        Relationships: []
      }
      document_shares: {
        Row: {
          created_at: string
          document_id: string
          expires_at: string | null
          id: string
          organization_id: string
          permission: string
          reshared_from: string | null
          shared_by: string | null
          shared_with: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          document_id: string
          expires_at?: string | null
          id?: string
          organization_id?: string
          permission?: string
          reshared_from?: string | null
          shared_by?: string | null
          shared_with: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          document_id?: string
          expires_at?: string | null
          id?: string
          organization_id?: string
          permission?: string
          reshared_from?: string | null
          shared_by?: string | null
          shared_with?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "document_shares_document_id_fkey"
            columns: ["organization_id", "document_id"]
            isOneToOne: false
            referencedRelation: "documents"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "document_shares_reshared_from_fkey"
            columns: ["organization_id", "reshared_from"]
            isOneToOne: false
            referencedRelation: "document_shares"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "document_shares_shared_by_fkey"
            columns: ["organization_id", "shared_by"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "document_shares_shared_with_fkey"
            columns: ["organization_id", "shared_with"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      documents: {
        Row: {
          beneficiary_id: string | null
          category: string | null
          created_at: string
          description: string | null
          file_path: string | null
          file_size: number | null
          filename: string
          id: string
          is_public: boolean
          metadata: NonNullable<Json>
          mime_type: string | null
          organization_id: string
          sha256: string | null
          tags: NonNullable<Json>
          updated_at: string
          uploaded_by: string | null
          user_id: string | null
          version: number
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          beneficiary_id?: string | null
          category?: string | null
          created_at?: string
          description?: string | null
          file_path?: string | null
          file_size?: number | null
          filename: string
          id?: string
          is_public?: boolean
          metadata?: NonNullable<Json>
          mime_type?: string | null
          organization_id?: string
          sha256?: string | null
          tags?: NonNullable<Json>
          updated_at?: string
          uploaded_by?: string | null
          user_id?: string | null
          version?: number
        }
        Update: {
          beneficiary_id?: string | null
          category?: string | null
          created_at?: string
          description?: string | null
          file_path?: string | null
          file_size?: number | null
          filename?: string
          id?: string
          is_public?: boolean
          metadata?: NonNullable<Json>
          mime_type?: string | null
          organization_id?: string
          sha256?: string | null
          tags?: NonNullable<Json>
          updated_at?: string
          uploaded_by?: string | null
          user_id?: string | null
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "documents_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "documents_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "documents_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "documents_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "documents_uploaded_by_fkey"
            columns: ["organization_id", "uploaded_by"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      domain_events: {
        Row: {
          data: NonNullable<Json>
          id: string
          occurred_at: string
          organization_id: string
          type: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          data?: NonNullable<Json>
          id?: string
          occurred_at?: string
          organization_id?: string
          type: string
          user_id: string
        }
        Update: {
          data?: NonNullable<Json>
          id?: string
          occurred_at?: string
          organization_id?: string
          type?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "domain_events_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      enrollments: {
        Row: {
          completed_at: string | null
          course_id: string
          enrolled_at: string
          id: string
          organization_id: string
          progress_percent: number
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          completed_at?: string | null
          course_id: string
          enrolled_at?: string
          id?: string
          organization_id?: string
          progress_percent?: number
          user_id: string
        }
        Update: {
          completed_at?: string | null
          course_id?: string
          enrolled_at?: string
          id?: string
          organization_id?: string
          progress_percent?: number
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "enrollments_course_id_fkey"
            columns: ["organization_id", "course_id"]
            isOneToOne: false
            referencedRelation: "courses"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "enrollments_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      erasures: {
        Row: {
          erased_at: string
          everywhere: boolean
          organization_id: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          erased_at?: string
          everywhere: boolean
          organization_id: string
          user_id: string
        }
        Update: {
          erased_at?: string
          everywhere?: boolean
          organization_id?: string
          user_id?: string
        }
        Relationships: []
      }
      error_logs: {
        Row: {
          context: NonNullable<Json>
          created_at: string
          error_message: string
          error_type: string
          id: string
          organization_id: string | null
          request_id: string | null
          severity: string
          traceback: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          context?: NonNullable<Json>
          created_at?: string
          error_message: string
          error_type: string
          id?: string
          organization_id?: string | null
          request_id?: string | null
          severity?: string
          traceback?: string | null
          user_id?: string | null
        }
        Update: {
          context?: NonNullable<Json>
          created_at?: string
          error_message?: string
          error_type?: string
          id?: string
          organization_id?: string | null
          request_id?: string | null
          severity?: string
          traceback?: string | null
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "error_logs_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "error_logs_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      event_series: {
        Row: {
          activity_id: string
          check_in_grace: string
          created_at: string
          description: string | null
          duration: string
          exdates: string[]
          facilitator_id: string | null
          has_waitlist: boolean
          horizon_days: number
          id: string
          location: string | null
          max_guests: number
          max_participants: number | null
          organization_id: string
          points_reward: number
          rrule: string
          starts_on: string
          status: string
          time_zone: string
          title: string
          updated_at: string
          version: number
        }
        Insert: {
          activity_id: string
          check_in_grace?: string
          created_at?: string
          description?: string | null
          duration: string
          exdates?: string[]
          facilitator_id?: string | null
          has_waitlist?: boolean
          horizon_days?: number
          id?: string
          location?: string | null
          max_guests?: number
          max_participants?: number | null
          organization_id?: string
          points_reward?: number
          rrule: string
          starts_on: string
          status?: string
          time_zone: string
          title: string
          updated_at?: string
          version?: number
        }
        Update: {
          activity_id?: string
          check_in_grace?: string
          created_at?: string
          description?: string | null
          duration?: string
          exdates?: string[]
          facilitator_id?: string | null
          has_waitlist?: boolean
          horizon_days?: number
          id?: string
          location?: string | null
          max_guests?: number
          max_participants?: number | null
          organization_id?: string
          points_reward?: number
          rrule?: string
          starts_on?: string
          status?: string
          time_zone?: string
          title?: string
          updated_at?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "event_series_activity_id_fkey"
            columns: ["organization_id", "activity_id"]
            isOneToOne: false
            referencedRelation: "activities"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "event_series_facilitator_id_fkey"
            columns: ["organization_id", "facilitator_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      events: {
        Row: {
          activity_id: string
          cancelled_at: string | null
          check_in_grace: string
          completed_at: string | null
          created_at: string
          description: string | null
          ends_at: string
          facilitator_id: string | null
          google_calendar_id: string | null
          has_waitlist: boolean
          id: string
          is_exception: boolean
          location: string | null
          max_guests: number
          max_participants: number | null
          organization_id: string
          places_taken: number
          points_reward: number
          recurrence_date: string | null
          scheduled_date: string
          sequence: number
          series_id: string | null
          series_version: number | null
          status: string
          title: string
          updated_at: string
          waiting_count: number
        }
        Insert: {
          activity_id: string
          cancelled_at?: string | null
          check_in_grace?: string
          completed_at?: string | null
          created_at?: string
          description?: string | null
          ends_at: string
          facilitator_id?: string | null
          google_calendar_id?: string | null
          has_waitlist?: boolean
          id?: string
          is_exception?: boolean
          location?: string | null
          max_guests?: number
          max_participants?: number | null
          organization_id?: string
          places_taken?: number
          points_reward?: number
          recurrence_date?: string | null
          scheduled_date: string
          sequence?: number
          series_id?: string | null
          series_version?: number | null
          status?: string
          title: string
          updated_at?: string
          waiting_count?: number
        }
        Update: {
          activity_id?: string
          cancelled_at?: string | null
          check_in_grace?: string
          completed_at?: string | null
          created_at?: string
          description?: string | null
          ends_at?: string
          facilitator_id?: string | null
          google_calendar_id?: string | null
          has_waitlist?: boolean
          id?: string
          is_exception?: boolean
          location?: string | null
          max_guests?: number
          max_participants?: number | null
          organization_id?: string
          places_taken?: number
          points_reward?: number
          recurrence_date?: string | null
          scheduled_date?: string
          sequence?: number
          series_id?: string | null
          series_version?: number | null
          status?: string
          title?: string
          updated_at?: string
          waiting_count?: number
        }
        Relationships: [
          {
            foreignKeyName: "events_activity_id_fkey"
            columns: ["organization_id", "activity_id"]
            isOneToOne: false
            referencedRelation: "activities"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "events_facilitator_id_fkey"
            columns: ["organization_id", "facilitator_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "events_series_id_fkey"
            columns: ["organization_id", "series_id"]
            isOneToOne: false
            referencedRelation: "event_series"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      gamification_rules: {
        Row: {
          actions: NonNullable<Json>
          active_from: string | null
          active_until: string | null
          condition: string | null
          cooldown: string | null
          created_at: string
          description: string | null
          event_type: string
          id: string
          name: string
          organization_cap: number | null
          organization_cap_period: string
          organization_id: string
          runs: string
          status: string
          updated_at: string
          user_cap: number | null
          user_cap_period: string
          version: number
        }
        Insert: {
          actions: NonNullable<Json>
          active_from?: string | null
          active_until?: string | null
          condition?: string | null
          cooldown?: string | null
          created_at?: string
          description?: string | null
          event_type: string
          id?: string
          name: string
          organization_cap?: number | null
          organization_cap_period?: string
          organization_id?: string
          runs?: string
          status?: string
          updated_at?: string
          user_cap?: number | null
          user_cap_period?: string
          version?: number
        }
        Update: {
          actions?: NonNullable<Json>
          active_from?: string | null
          active_until?: string | null
          condition?: string | null
          cooldown?: string | null
          created_at?: string
          description?: string | null
          event_type?: string
          id?: string
          name?: string
          organization_cap?: number | null
          organization_cap_period?: string
          organization_id?: string
          runs?: string
          status?: string
          updated_at?: string
          user_cap?: number | null
          user_cap_period?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "gamification_rules_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      holidays: {
        Row: {
          created_at: string
          date: string
          id: string
          name: string | null
          organization_id: string
        }
        Insert: {
          created_at?: string
          date: string
          id?: string
          name?: string | null
          organization_id?: string
        }
        Update: {
          created_at?: string
          date?: string
          id?: string
          name?: string | null
          organization_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "holidays_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      invitations: {
        Row: {
          answered_at: string | null
          created_at: string
          email: string | null
          expires_at: string
          id: string
          invited_by: string | null
          mailbox: string | null
          organization_id: string
          roles: string[]
          status: string
          token_hash: string
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          answered_at?: string | null
          created_at?: string
          email?: string | null
          expires_at: string
          id?: string
          invited_by?: string | null
          mailbox?: never
          organization_id?: string
          roles?: string[]
          status?: string
          token_hash: string
          user_id?: string | null
        }
        Update: {
          answered_at?: string | null
          created_at?: string
          email?: string | null
          expires_at?: string
          id?: string
          invited_by?: string | null
          mailbox?: never
          organization_id?: string
          roles?: string[]
          status?: string
          token_hash?: string
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "invitations_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      job_failures: {
        Row: {
          error: string
          failed_at: string
          first_failed_at: string
          job: string
          organization_id: string
          times: number
        }
        Insert: {
          error: string
          failed_at?: string
          first_failed_at?: string
          job: string
          organization_id: string
          times?: number
        }
        Update: {
          error?: string
          failed_at?: string
          first_failed_at?: string
          job?: string
          organization_id?: string
          times?: number
        }
        Relationships: [
          {
            foreignKeyName: "job_failures_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      job_leases: {
        Row: {
          lease_token: string
          lease_until: string
          leased_at: string
          name: string
          worker_id: string
        }
        Insert: {
          lease_token: string
          lease_until: string
          leased_at: string
          name: string
          worker_id: string
        }
        Update: {
          lease_token?: string
          lease_until?: string
          leased_at?: string
          name?: string
          worker_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "job_leases_name_fkey"
            columns: ["name"]
            isOneToOne: true
            referencedRelation: "jobs"
            referencedColumns: ["name"]
          },
        ]
      }
      jobs: {
        Row: {
          command: string
          confirmed_at: string | null
          created_at: string
          description: string
          is_enabled: boolean
          last_error: string | null
          last_finished_at: string | null
          last_started_at: string | null
          last_status: string | null
          name: string
          requires: string | null
          runner: string
          runner_since: string
          schedule: string
          timeout: string
        }
        Insert: {
          command: string
          confirmed_at?: string | null
          created_at?: string
          description: string
          is_enabled?: boolean
          last_error?: string | null
          last_finished_at?: string | null
          last_started_at?: string | null
          last_status?: string | null
          name: string
          requires?: string | null
          runner?: string
          runner_since?: string
          schedule: string
          timeout?: string
        }
        Update: {
          command?: string
          confirmed_at?: string | null
          created_at?: string
          description?: string
          is_enabled?: boolean
          last_error?: string | null
          last_finished_at?: string | null
          last_started_at?: string | null
          last_status?: string | null
          name?: string
          requires?: string | null
          runner?: string
          runner_since?: string
          schedule?: string
          timeout?: string
        }
        Relationships: []
      }
      leaderboard_standings: {
        Row: {
          frozen_at: string
          organization_id: string
          period: string
          period_start: string
          points: number
          rank: number
          reached_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          frozen_at?: string
          organization_id?: string
          period: string
          period_start: string
          points: number
          rank: number
          reached_at: string
          user_id: string
        }
        Update: {
          frozen_at?: string
          organization_id?: string
          period?: string
          period_start?: string
          points?: number
          rank?: number
          reached_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "leaderboard_standings_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      learning_assignments: {
        Row: {
          assigned_by: string | null
          audience: string
          counts_before: boolean
          created_at: string
          due_after: string | null
          due_at: string | null
          escalate_after: string | null
          id: string
          is_required: boolean
          learning_path_id: string
          organization_id: string
          recertify_every: string | null
          remind_before: string[]
          renew_before: string
          status: string
          team_id: string | null
          updated_at: string
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          assigned_by?: string | null
          audience: string
          counts_before?: boolean
          created_at?: string
          due_after?: string | null
          due_at?: string | null
          escalate_after?: string | null
          id?: string
          is_required?: boolean
          learning_path_id: string
          organization_id?: string
          recertify_every?: string | null
          remind_before?: string[]
          renew_before?: string
          status?: string
          team_id?: string | null
          updated_at?: string
          user_id?: string | null
        }
        Update: {
          assigned_by?: string | null
          audience?: string
          counts_before?: boolean
          created_at?: string
          due_after?: string | null
          due_at?: string | null
          escalate_after?: string | null
          id?: string
          is_required?: boolean
          learning_path_id?: string
          organization_id?: string
          recertify_every?: string | null
          remind_before?: string[]
          renew_before?: string
          status?: string
          team_id?: string | null
          updated_at?: string
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "learning_assignments_assigned_by_fkey"
            columns: ["assigned_by"]
            isOneToOne: false
            referencedRelation: "people"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "learning_assignments_assigned_by_fkey"
            columns: ["assigned_by"]
            isOneToOne: false
            referencedRelation: "users"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "learning_assignments_learning_path_id_fkey"
            columns: ["organization_id", "learning_path_id"]
            isOneToOne: false
            referencedRelation: "learning_paths"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "learning_assignments_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "learning_assignments_team_id_fkey"
            columns: ["organization_id", "team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      learning_milestones: {
        Row: {
          created_at: string
          description: string | null
          id: string
          learning_path_id: string
          module_id: string | null
          organization_id: string
          title: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          id?: string
          learning_path_id: string
          module_id?: string | null
          organization_id?: string
          title: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          id?: string
          learning_path_id?: string
          module_id?: string | null
          organization_id?: string
          title?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "learning_milestones_learning_path_id_fkey"
            columns: ["organization_id", "learning_path_id"]
            isOneToOne: false
            referencedRelation: "learning_paths"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "learning_milestones_module_id_fkey"
            columns: ["organization_id", "learning_path_id", "module_id"]
            isOneToOne: false
            referencedRelation: "learning_modules"
            referencedColumns: ["organization_id", "learning_path_id", "id"]
          },
        ]
      }
      learning_modules: {
        Row: {
          attempt_cooldown: string
          content: NonNullable<Json>
          created_at: string
          description: string | null
          id: string
          learning_path_id: string
          max_attempts: number | null
          organization_id: string
          passing_score: number
          points_reward: number
          position: number
          quiz_questions: NonNullable<Json>
          status: string
          title: string
          updated_at: string
        }
        Insert: {
          attempt_cooldown?: string
          content?: NonNullable<Json>
          created_at?: string
          description?: string | null
          id?: string
          learning_path_id: string
          max_attempts?: number | null
          organization_id?: string
          passing_score?: number
          points_reward?: number
          position: number
          quiz_questions?: NonNullable<Json>
          status?: string
          title: string
          updated_at?: string
        }
        Update: {
          attempt_cooldown?: string
          content?: NonNullable<Json>
          created_at?: string
          description?: string | null
          id?: string
          learning_path_id?: string
          max_attempts?: number | null
          organization_id?: string
          passing_score?: number
          points_reward?: number
          position?: number
          quiz_questions?: NonNullable<Json>
          status?: string
          title?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "learning_modules_learning_path_id_fkey"
            columns: ["organization_id", "learning_path_id"]
            isOneToOne: false
            referencedRelation: "learning_paths"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      learning_path_progress: {
        Row: {
          completed_date: string | null
          created_at: string
          id: string
          last_activity_date: string
          learning_path_id: string
          milestones_completed: string[]
          modules_completed: string[]
          organization_id: string
          progress_percentage: number
          started_date: string
          status: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          completed_date?: string | null
          created_at?: string
          id?: string
          last_activity_date?: string
          learning_path_id: string
          milestones_completed?: string[]
          modules_completed?: string[]
          organization_id?: string
          progress_percentage?: number
          started_date?: string
          status?: string
          updated_at?: string
          user_id: string
        }
        Update: {
          completed_date?: string | null
          created_at?: string
          id?: string
          last_activity_date?: string
          learning_path_id?: string
          milestones_completed?: string[]
          modules_completed?: string[]
          organization_id?: string
          progress_percentage?: number
          started_date?: string
          status?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "learning_path_progress_learning_path_id_fkey"
            columns: ["organization_id", "learning_path_id"]
            isOneToOne: false
            referencedRelation: "learning_paths"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "learning_path_progress_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      learning_paths: {
        Row: {
          created_at: string
          description: string | null
          difficulty_level: string
          id: string
          is_template: boolean
          organization_id: string
          pays_again: boolean
          status: string
          template_id: string | null
          title: string
          total_milestones: number
          total_modules: number
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          difficulty_level?: string
          id?: string
          is_template?: boolean
          organization_id?: string
          pays_again?: boolean
          status?: string
          template_id?: string | null
          title: string
          total_milestones?: number
          total_modules?: number
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          difficulty_level?: string
          id?: string
          is_template?: boolean
          organization_id?: string
          pays_again?: boolean
          status?: string
          template_id?: string | null
          title?: string
          total_milestones?: number
          total_modules?: number
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "learning_paths_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "learning_paths_template_id_fkey"
            columns: ["organization_id", "template_id"]
            isOneToOne: true
            referencedRelation: "learning_paths"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      legal_holds: {
        Row: {
          held_from: string | null
          held_until: string | null
          id: string
          organization_id: string | null
          placed_at: string
          placed_by: string
          reason: string
          released_at: string | null
          released_by: string | null
          table_name: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          held_from?: string | null
          held_until?: string | null
          id?: string
          organization_id?: string | null
          placed_at?: string
          placed_by?: string
          reason: string
          released_at?: string | null
          released_by?: string | null
          table_name?: string | null
          user_id?: string | null
        }
        Update: {
          held_from?: string | null
          held_until?: string | null
          id?: string
          organization_id?: string | null
          placed_at?: string
          placed_by?: string
          reason?: string
          released_at?: string | null
          released_by?: string | null
          table_name?: string | null
          user_id?: string | null
        }
        Relationships: []
      }
      levels: {
        Row: {
          level: number
          min_points: number
          organization_id: string
        }
        Insert: {
          level: number
          min_points: number
          organization_id: string
        }
        Update: {
          level?: number
          min_points?: number
          organization_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "levels_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      message_blocks: {
        Row: {
          blocked_id: string
          created_at: string
          ended_at: string | null
          id: string
          organization_id: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          blocked_id: string
          created_at?: string
          ended_at?: string | null
          id?: string
          organization_id?: string
          user_id: string
        }
        Update: {
          blocked_id?: string
          created_at?: string
          ended_at?: string | null
          id?: string
          organization_id?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "message_blocks_blocked_id_fkey"
            columns: ["organization_id", "blocked_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "message_blocks_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      messages: {
        Row: {
          attachments: NonNullable<Json>
          content: string
          copy_of: string | null
          created_at: string
          deleted_at: string | null
          id: string
          is_read: boolean
          organization_id: string
          parent_id: string | null
          read_at: string | null
          recipient_deleted_at: string | null
          recipient_id: string | null
          sender_deleted_at: string | null
          sender_id: string | null
          subject: string | null
          thread_id: string
        }
        Insert: {
          attachments?: NonNullable<Json>
          content: string
          copy_of?: string | null
          created_at?: string
          deleted_at?: never
          id?: string
          is_read?: boolean
          organization_id?: string
          parent_id?: string | null
          read_at?: string | null
          recipient_deleted_at?: string | null
          recipient_id?: string | null
          sender_deleted_at?: string | null
          sender_id?: string | null
          subject?: string | null
          thread_id?: string
        }
        Update: {
          attachments?: NonNullable<Json>
          content?: string
          copy_of?: string | null
          created_at?: string
          deleted_at?: never
          id?: string
          is_read?: boolean
          organization_id?: string
          parent_id?: string | null
          read_at?: string | null
          recipient_deleted_at?: string | null
          recipient_id?: string | null
          sender_deleted_at?: string | null
          sender_id?: string | null
          subject?: string | null
          thread_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "messages_copy_of_fkey"
            columns: ["organization_id", "copy_of"]
            isOneToOne: false
            referencedRelation: "messages"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "messages_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "messages_parent_id_fkey"
            columns: ["organization_id", "parent_id"]
            isOneToOne: false
            referencedRelation: "messages"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "messages_recipient_id_fkey"
            columns: ["organization_id", "recipient_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "messages_sender_id_fkey"
            columns: ["organization_id", "sender_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      messaging_settings: {
        Row: {
          daily_limit: number
          learners_write_each_other: boolean
          organization_id: string
          search_language: string
          text_in_notifications: boolean
          updated_at: string
        }
        Insert: {
          daily_limit?: number
          learners_write_each_other?: boolean
          organization_id?: string
          search_language?: string
          text_in_notifications?: boolean
          updated_at?: string
        }
        Update: {
          daily_limit?: number
          learners_write_each_other?: boolean
          organization_id?: string
          search_language?: string
          text_in_notifications?: boolean
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "messaging_settings_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: true
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      module_completions: {
        Row: {
          answers: Json | null
          attempts: number
          completed_date: string | null
          created_at: string
          id: string
          last_attempt_at: string | null
          learning_path_id: string
          module_id: string
          organization_id: string
          points_earned: number
          quiz_score: number | null
          status: string
          time_spent: number
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          answers?: Json | null
          attempts?: number
          completed_date?: string | null
          created_at?: string
          id?: string
          last_attempt_at?: string | null
          learning_path_id?: string
          module_id: string
          organization_id?: string
          points_earned?: number
          quiz_score?: number | null
          status?: string
          time_spent?: number
          updated_at?: string
          user_id: string
        }
        Update: {
          answers?: Json | null
          attempts?: number
          completed_date?: string | null
          created_at?: string
          id?: string
          last_attempt_at?: string | null
          learning_path_id?: string
          module_id?: string
          organization_id?: string
          points_earned?: number
          quiz_score?: number | null
          status?: string
          time_spent?: number
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "module_completions_learning_path_id_fkey"
            columns: ["organization_id", "learning_path_id"]
            isOneToOne: false
            referencedRelation: "learning_paths"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "module_completions_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "module_completions_module_id_fkey"
            columns: ["organization_id", "module_id"]
            isOneToOne: false
            referencedRelation: "learning_modules"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      module_prerequisites: {
        Row: {
          created_at: string
          id: string
          module_id: string
          organization_id: string
          requires_id: string
        }
        Insert: {
          created_at?: string
          id?: string
          module_id: string
          organization_id?: string
          requires_id: string
        }
        Update: {
          created_at?: string
          id?: string
          module_id?: string
          organization_id?: string
          requires_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "module_prerequisites_module_id_fkey"
            columns: ["organization_id", "module_id"]
            isOneToOne: false
            referencedRelation: "learning_modules"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "module_prerequisites_requires_id_fkey"
            columns: ["organization_id", "requires_id"]
            isOneToOne: false
            referencedRelation: "learning_modules"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      notification_deliveries: {
        Row: {
          attempts: number
          channel: string
          created_at: string
          digest_key: string | null
          due_at: string
          endpoint_id: string | null
          id: string
          last_error: string | null
          lease_token: string | null
          letter_id: string | null
          max_attempts: number
          notification_id: string | null
          organization_id: string
          priority: number
          state: string
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          attempts?: number
          channel: string
          created_at?: string
          digest_key?: string | null
          due_at: string
          endpoint_id?: string | null
          id?: string
          last_error?: string | null
          lease_token?: string | null
          letter_id?: string | null
          max_attempts?: number
          notification_id?: string | null
          organization_id: string
          priority?: number
          state?: string
          user_id?: string | null
        }
        Update: {
          attempts?: number
          channel?: string
          created_at?: string
          digest_key?: string | null
          due_at?: string
          endpoint_id?: string | null
          id?: string
          last_error?: string | null
          lease_token?: string | null
          letter_id?: string | null
          max_attempts?: number
          notification_id?: string | null
          organization_id?: string
          priority?: number
          state?: string
          user_id?: string | null
        }
        Relationships: []
      }
      notification_templates: {
        Row: {
          body_html: string | null
          body_text: string
          channel: string
          created_at: string
          id: string
          locale: string
          organization_id: string | null
          subject: string
          type: string
          updated_at: string
        }
        Insert: {
          body_html?: string | null
          body_text: string
          channel: string
          created_at?: string
          id?: string
          locale?: string
          organization_id?: string | null
          subject: string
          type?: string
          updated_at?: string
        }
        Update: {
          body_html?: string | null
          body_text?: string
          channel?: string
          created_at?: string
          id?: string
          locale?: string
          organization_id?: string | null
          subject?: string
          type?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "notification_templates_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      notifications: {
        Row: {
          channels: string[] | null
          created_at: string
          data: NonNullable<Json>
          dedupe_key: string | null
          id: string
          is_read: boolean
          link: string | null
          message: string | null
          organization_id: string
          priority: number
          read_at: string | null
          title: string
          type: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          channels?: string[] | null
          created_at?: string
          data?: NonNullable<Json>
          dedupe_key?: string | null
          id?: string
          is_read?: boolean
          link?: string | null
          message?: string | null
          organization_id?: string
          priority?: number
          read_at?: string | null
          title: string
          type: string
          user_id: string
        }
        Update: {
          channels?: string[] | null
          created_at?: string
          data?: NonNullable<Json>
          dedupe_key?: string | null
          id?: string
          is_read?: boolean
          link?: string | null
          message?: string | null
          organization_id?: string
          priority?: number
          read_at?: string | null
          title?: string
          type?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "notifications_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      onboarding_check_ins: {
        Row: {
          assignee_id: string | null
          created_at: string
          day: number
          held_at: string | null
          id: string
          manager_notes: string | null
          manager_rating: number | null
          new_hire_notes: string | null
          new_hire_rating: number | null
          onboarding_id: string
          organization_id: string
          scheduled_on: string
          status: string
          told_at: string | null
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          assignee_id?: string | null
          created_at?: string
          day: number
          held_at?: string | null
          id?: string
          manager_notes?: string | null
          manager_rating?: number | null
          new_hire_notes?: string | null
          new_hire_rating?: number | null
          onboarding_id: string
          organization_id?: string
          scheduled_on: string
          status?: string
          told_at?: string | null
          updated_at?: string
          user_id?: string
        }
        Update: {
          assignee_id?: string | null
          created_at?: string
          day?: number
          held_at?: string | null
          id?: string
          manager_notes?: string | null
          manager_rating?: number | null
          new_hire_notes?: string | null
          new_hire_rating?: number | null
          onboarding_id?: string
          organization_id?: string
          scheduled_on?: string
          status?: string
          told_at?: string | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "onboarding_check_ins_assignee_id_fkey"
            columns: ["organization_id", "assignee_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "onboarding_check_ins_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "onboarding_check_ins_onboarding_id_fkey"
            columns: ["organization_id", "onboarding_id"]
            isOneToOne: false
            referencedRelation: "user_onboardings"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      onboarding_task_dependencies: {
        Row: {
          created_at: string
          id: string
          organization_id: string
          requires_id: string
          task_id: string
          template_id: string
        }
        Insert: {
          created_at?: string
          id?: string
          organization_id?: string
          requires_id: string
          task_id: string
          template_id?: string
        }
        Update: {
          created_at?: string
          id?: string
          organization_id?: string
          requires_id?: string
          task_id?: string
          template_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "onboarding_task_dependencies_requires_id_fkey"
            columns: ["organization_id", "template_id", "requires_id"]
            isOneToOne: false
            referencedRelation: "onboarding_template_tasks"
            referencedColumns: ["organization_id", "template_id", "id"]
          },
          {
            foreignKeyName: "onboarding_task_dependencies_task_id_fkey"
            columns: ["organization_id", "task_id"]
            isOneToOne: false
            referencedRelation: "onboarding_template_tasks"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      onboarding_tasks: {
        Row: {
          assignee_id: string | null
          completed_at: string | null
          completed_by: string | null
          created_at: string
          description: string | null
          due_on: string
          escalated_at: string | null
          id: string
          is_required: boolean
          note: string | null
          onboarding_id: string
          organization_id: string
          overdue_at: string | null
          owner_role: string
          position: number
          reminded_at: string | null
          requires_ids: string[]
          status: string
          template_task_id: string | null
          title: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          assignee_id?: string | null
          completed_at?: string | null
          completed_by?: string | null
          created_at?: string
          description?: string | null
          due_on: string
          escalated_at?: string | null
          id?: string
          is_required?: boolean
          note?: string | null
          onboarding_id: string
          organization_id?: string
          overdue_at?: string | null
          owner_role?: string
          position?: number
          reminded_at?: string | null
          requires_ids?: string[]
          status?: string
          template_task_id?: string | null
          title: string
          updated_at?: string
          user_id?: string
        }
        Update: {
          assignee_id?: string | null
          completed_at?: string | null
          completed_by?: string | null
          created_at?: string
          description?: string | null
          due_on?: string
          escalated_at?: string | null
          id?: string
          is_required?: boolean
          note?: string | null
          onboarding_id?: string
          organization_id?: string
          overdue_at?: string | null
          owner_role?: string
          position?: number
          reminded_at?: string | null
          requires_ids?: string[]
          status?: string
          template_task_id?: string | null
          title?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "onboarding_tasks_assignee_id_fkey"
            columns: ["organization_id", "assignee_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "onboarding_tasks_completed_by_fkey"
            columns: ["organization_id", "completed_by"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "onboarding_tasks_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "onboarding_tasks_onboarding_id_fkey"
            columns: ["organization_id", "onboarding_id"]
            isOneToOne: false
            referencedRelation: "user_onboardings"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "onboarding_tasks_template_task_id_fkey"
            columns: ["organization_id", "template_task_id"]
            isOneToOne: false
            referencedRelation: "onboarding_template_tasks"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      onboarding_template_tasks: {
        Row: {
          created_at: string
          description: string | null
          due_after_working_days: number
          id: string
          is_required: boolean
          organization_id: string
          owner_role: string
          position: number
          template_id: string
          title: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          due_after_working_days?: number
          id?: string
          is_required?: boolean
          organization_id?: string
          owner_role?: string
          position: number
          template_id: string
          title: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          due_after_working_days?: number
          id?: string
          is_required?: boolean
          organization_id?: string
          owner_role?: string
          position?: number
          template_id?: string
          title?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "onboarding_template_tasks_template_id_fkey"
            columns: ["organization_id", "template_id"]
            isOneToOne: false
            referencedRelation: "onboarding_templates"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      onboarding_templates: {
        Row: {
          check_in_days: number[]
          created_at: string
          department: string | null
          description: string | null
          duration_days: number
          escalate_after_working_days: number | null
          id: string
          is_automatic: boolean
          it_member_id: string | null
          name: string
          organization_id: string
          points_reward: number
          remind_before_working_days: number
          status: string
          updated_at: string
        }
        Insert: {
          check_in_days?: number[]
          created_at?: string
          department?: string | null
          description?: string | null
          duration_days?: number
          escalate_after_working_days?: number | null
          id?: string
          is_automatic?: boolean
          it_member_id?: string | null
          name: string
          organization_id?: string
          points_reward?: number
          remind_before_working_days?: number
          status?: string
          updated_at?: string
        }
        Update: {
          check_in_days?: number[]
          created_at?: string
          department?: string | null
          description?: string | null
          duration_days?: number
          escalate_after_working_days?: number | null
          id?: string
          is_automatic?: boolean
          it_member_id?: string | null
          name?: string
          organization_id?: string
          points_reward?: number
          remind_before_working_days?: number
          status?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "onboarding_templates_it_member_id_fkey"
            columns: ["organization_id", "it_member_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "onboarding_templates_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      one_time_tokens: {
        Row: {
          created_at: string
          email: string
          expires_at: string
          id: string
          organization_id: string
          purpose: string
          requested_by: string | null
          token_hash: string
          used_at: string | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          email: string
          expires_at: string
          id?: string
          organization_id?: string
          purpose: string
          requested_by?: string | null
          token_hash: string
          used_at?: string | null
          user_id: string
        }
        Update: {
          created_at?: string
          email?: string
          expires_at?: string
          id?: string
          organization_id?: string
          purpose?: string
          requested_by?: string | null
          token_hash?: string
          used_at?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "one_time_tokens_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      organizations: {
        Row: {
          activity_tolerance: string
          admin_id: string | null
          created_at: string
          daily_invitations: number
          domain: string | null
          id: string
          industry: string | null
          invitation_lifetime: string
          is_active: boolean
          is_default: boolean
          logo_url: string | null
          name: string
          settings: NonNullable<Json>
          size_category: string | null
          slug: string | null
          tier_basis: string
          tier_grace_days: number
          tier_window_days: number | null
          tier_window_months: number | null
          time_zone: string
          updated_at: string
          webhook_concurrency_limit: number
          webhook_endpoints_limit: number
          webhook_timeout_limit_ms: number
          webhooks_under_way_limit: number
        }
        Insert: {
          activity_tolerance?: string
          admin_id?: string | null
          created_at?: string
          daily_invitations?: number
          domain?: string | null
          id?: string
          industry?: string | null
          invitation_lifetime?: string
          is_active?: boolean
          is_default?: boolean
          logo_url?: string | null
          name: string
          settings?: NonNullable<Json>
          size_category?: string | null
          slug?: string | null
          tier_basis?: string
          tier_grace_days?: number
          tier_window_days?: number | null
          tier_window_months?: number | null
          time_zone?: string
          updated_at?: string
          webhook_concurrency_limit?: number
          webhook_endpoints_limit?: number
          webhook_timeout_limit_ms?: number
          webhooks_under_way_limit?: number
        }
        Update: {
          activity_tolerance?: string
          admin_id?: string | null
          created_at?: string
          daily_invitations?: number
          domain?: string | null
          id?: string
          industry?: string | null
          invitation_lifetime?: string
          is_active?: boolean
          is_default?: boolean
          logo_url?: string | null
          name?: string
          settings?: NonNullable<Json>
          size_category?: string | null
          slug?: string | null
          tier_basis?: string
          tier_grace_days?: number
          tier_window_days?: number | null
          tier_window_months?: number | null
          time_zone?: string
          updated_at?: string
          webhook_concurrency_limit?: number
          webhook_endpoints_limit?: number
          webhook_timeout_limit_ms?: number
          webhooks_under_way_limit?: number
        }
        Relationships: [
          {
            foreignKeyName: "organizations_admin_id_fkey"
            columns: ["admin_id"]
            isOneToOne: false
            referencedRelation: "people"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "organizations_admin_id_fkey"
            columns: ["admin_id"]
            isOneToOne: false
            referencedRelation: "users"
            referencedColumns: ["id"]
          },
        ]
      }
      participations: {
        Row: {
          attendance_status: string
          check_in_time: string | null
          created_at: string
          event_id: string
          feedback: string | null
          feedback_rating: number | null
          guests: number
          id: string
          organization_id: string
          rsvp_status: string
          updated_at: string
          user_id: string
          waitlisted_at: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          attendance_status?: string
          check_in_time?: string | null
          created_at?: string
          event_id: string
          feedback?: string | null
          feedback_rating?: number | null
          guests?: number
          id?: string
          organization_id?: string
          rsvp_status?: string
          updated_at?: string
          user_id: string
          waitlisted_at?: string | null
        }
        Update: {
          attendance_status?: string
          check_in_time?: string | null
          created_at?: string
          event_id?: string
          feedback?: string | null
          feedback_rating?: number | null
          guests?: number
          id?: string
          organization_id?: string
          rsvp_status?: string
          updated_at?: string
          user_id?: string
          waitlisted_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "participations_event_id_fkey"
            columns: ["organization_id", "event_id"]
            isOneToOne: false
            referencedRelation: "events"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "participations_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      path_certifications: {
        Row: {
          completed_at: string
          created_at: string
          cycle: number
          details: NonNullable<Json>
          id: string
          learning_path_id: string
          milestones_completed: string[]
          modules_completed: string[]
          organization_id: string
          started_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          completed_at: string
          created_at?: string
          cycle: number
          details?: NonNullable<Json>
          id?: string
          learning_path_id: string
          milestones_completed?: string[]
          modules_completed?: string[]
          organization_id?: string
          started_at: string
          user_id: string
        }
        Update: {
          completed_at?: string
          created_at?: string
          cycle?: number
          details?: NonNullable<Json>
          id?: string
          learning_path_id?: string
          milestones_completed?: string[]
          modules_completed?: string[]
          organization_id?: string
          started_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "path_certifications_learning_path_id_fkey"
            columns: ["organization_id", "learning_path_id"]
            isOneToOne: false
            referencedRelation: "learning_paths"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "path_certifications_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      personal_challenges: {
        Row: {
          completed_at: string | null
          created_at: string
          description: string | null
          ends_at: string | null
          event_type: string | null
          given: number
          goal: number
          id: string
          kind: string
          organization_id: string
          progress: number
          set_by: string | null
          starts_at: string
          status: string
          title: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          completed_at?: string | null
          created_at?: string
          description?: string | null
          ends_at?: string | null
          event_type?: string | null
          given?: number
          goal: number
          id?: string
          kind?: string
          organization_id?: string
          progress?: number
          set_by?: string | null
          starts_at?: string
          status?: string
          title: string
          updated_at?: string
          user_id: string
        }
        Update: {
          completed_at?: string | null
          created_at?: string
          description?: string | null
          ends_at?: string | null
          event_type?: string | null
          given?: number
          goal?: number
          id?: string
          kind?: string
          organization_id?: string
          progress?: number
          set_by?: string | null
          starts_at?: string
          status?: string
          title?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "personal_challenges_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      point_expiry_policies: {
        Row: {
          applies_from: string
          created_at: string
          id: string
          length: number
          organization_id: string
          rule: string
          updated_at: string
          warn_days: number | null
        }
        Insert: {
          applies_from?: string
          created_at?: string
          id?: string
          length: number
          organization_id?: string
          rule: string
          updated_at?: string
          warn_days?: number | null
        }
        Update: {
          applies_from?: string
          created_at?: string
          id?: string
          length?: number
          organization_id?: string
          rule?: string
          updated_at?: string
          warn_days?: number | null
        }
        Relationships: [
          {
            foreignKeyName: "point_expiry_policies_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      point_holds: {
        Row: {
          amount: number
          captured_amount: number | null
          created_at: string
          created_by: string | null
          expires_at: string | null
          id: string
          idempotency_key: string | null
          metadata: NonNullable<Json>
          organization_id: string
          reason: string | null
          reference_id: string | null
          reference_type: string | null
          settled_at: string | null
          status: string
          transaction_type: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          amount: number
          captured_amount?: number | null
          created_at?: string
          created_by?: string | null
          expires_at?: string | null
          id?: string
          idempotency_key?: string | null
          metadata?: NonNullable<Json>
          organization_id?: string
          reason?: string | null
          reference_id?: string | null
          reference_type?: string | null
          settled_at?: string | null
          status?: string
          transaction_type?: string
          updated_at?: string
          user_id: string
        }
        Update: {
          amount?: number
          captured_amount?: number | null
          created_at?: string
          created_by?: string | null
          expires_at?: string | null
          id?: string
          idempotency_key?: string | null
          metadata?: NonNullable<Json>
          organization_id?: string
          reason?: string | null
          reference_id?: string | null
          reference_type?: string | null
          settled_at?: string | null
          status?: string
          transaction_type?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "point_holds_account_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "member_benefits"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "point_holds_account_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "tier_status"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "point_holds_account_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_points"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "point_holds_reference_type_fkey"
            columns: ["reference_type"]
            isOneToOne: false
            referencedRelation: "reference_types"
            referencedColumns: ["name"]
          },
        ]
      }
      points_ledger: {
        Row: {
          amount: number
          balance_after: number
          created_at: string
          created_by: string | null
          entry_hash: string
          entry_no: number
          erased_words: string[] | null
          id: string
          idempotency_key: string | null
          metadata: NonNullable<Json>
          occurred_at: string
          organization_id: string
          reason: string | null
          reference_id: string | null
          reference_type: string | null
          reverses_id: string | null
          transaction_type: string
          user_id: string
          word_salt: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          amount: number
          balance_after?: number
          created_at?: string
          created_by?: string | null
          entry_hash?: string
          entry_no?: number
          erased_words?: string[] | null
          id?: string
          idempotency_key?: string | null
          metadata?: NonNullable<Json>
          occurred_at?: string
          organization_id?: string
          reason?: string | null
          reference_id?: string | null
          reference_type?: string | null
          reverses_id?: string | null
          transaction_type: string
          user_id: string
          word_salt?: string | null
        }
        Update: {
          amount?: number
          balance_after?: number
          created_at?: string
          created_by?: string | null
          entry_hash?: string
          entry_no?: number
          erased_words?: string[] | null
          id?: string
          idempotency_key?: string | null
          metadata?: NonNullable<Json>
          occurred_at?: string
          organization_id?: string
          reason?: string | null
          reference_id?: string | null
          reference_type?: string | null
          reverses_id?: string | null
          transaction_type?: string
          user_id?: string
          word_salt?: string | null
        }
        Relationships: []
      }
      points_ledger_archive: {
        Row: {
          amount: number
          balance_after: number
          created_at: string
          created_by: string | null
          entry_hash: string
          entry_no: number
          erased_words: string[] | null
          id: string
          idempotency_key: string | null
          metadata: NonNullable<Json>
          occurred_at: string
          organization_id: string
          reason: string | null
          reference_id: string | null
          reference_type: string | null
          reverses_id: string | null
          transaction_type: string
          user_id: string
          word_salt: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          amount: number
          balance_after: number
          created_at: string
          created_by?: string | null
          entry_hash: string
          entry_no: number
          erased_words?: string[] | null
          id: string
          idempotency_key?: string | null
          metadata?: NonNullable<Json>
          occurred_at: string
          organization_id: string
          reason?: string | null
          reference_id?: string | null
          reference_type?: string | null
          reverses_id?: string | null
          transaction_type: string
          user_id: string
          word_salt?: string | null
        }
        Update: {
          amount?: number
          balance_after?: number
          created_at?: string
          created_by?: string | null
          entry_hash?: string
          entry_no?: number
          erased_words?: string[] | null
          id?: string
          idempotency_key?: string | null
          metadata?: NonNullable<Json>
          occurred_at?: string
          organization_id?: string
          reason?: string | null
          reference_id?: string | null
          reference_type?: string | null
          reverses_id?: string | null
          transaction_type?: string
          user_id?: string
          word_salt?: string | null
        }
        Relationships: []
      }
      privacy_requests: {
        Row: {
          alerted_at: string | null
          answer: string | null
          attempts: number
          closed_at: string | null
          due_at: string
          erase_after: string | null
          everywhere: boolean
          extended_at: string | null
          extension_reason: string | null
          id: string
          kind: string
          organization_id: string
          problem: string | null
          reason: string | null
          requested_at: string
          requested_by: string | null
          status: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          alerted_at?: string | null
          answer?: string | null
          attempts?: number
          closed_at?: string | null
          due_at: string
          erase_after?: string | null
          everywhere?: boolean
          extended_at?: string | null
          extension_reason?: string | null
          id?: string
          kind: string
          organization_id?: string
          problem?: string | null
          reason?: string | null
          requested_at?: string
          requested_by?: string | null
          status?: string
          updated_at?: string
          user_id: string
        }
        Update: {
          alerted_at?: string | null
          answer?: string | null
          attempts?: number
          closed_at?: string | null
          due_at?: string
          erase_after?: string | null
          everywhere?: boolean
          extended_at?: string | null
          extension_reason?: string | null
          id?: string
          kind?: string
          organization_id?: string
          problem?: string | null
          reason?: string | null
          requested_at?: string
          requested_by?: string | null
          status?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "privacy_requests_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      privacy_settings: {
        Row: {
          alert_days: number
          answer_months: number
          erasure_grace_days: number
          extension_months: number
          organization_id: string
          updated_at: string
        }
        Insert: {
          alert_days?: number
          answer_months?: number
          erasure_grace_days?: number
          extension_months?: number
          organization_id?: string
          updated_at?: string
        }
        Update: {
          alert_days?: number
          answer_months?: number
          erasure_grace_days?: number
          extension_months?: number
          organization_id?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "privacy_settings_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: true
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      processing_log: {
        Row: {
          activity: string
          actor_id: string | null
          application_name: string | null
          columns: string[] | null
          created_at: string
          id: string
          login: string
          organization_id: string | null
          purpose: string | null
          request_id: string | null
          role: string
          row_count: number | null
          table_name: string | null
          transaction_id: unknown
          user_id: string | null
          valid_until: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          activity: string
          actor_id?: string | null
          application_name?: string | null
          columns?: string[] | null
          created_at?: string
          id?: string
          login: string
          organization_id?: string | null
          purpose?: string | null
          request_id?: string | null
          role: string
          row_count?: number | null
          table_name?: string | null
          transaction_id: unknown
          user_id?: string | null
          valid_until?: string | null
        }
        Update: {
          activity?: string
          actor_id?: string | null
          application_name?: string | null
          columns?: string[] | null
          created_at?: string
          id?: string
          login?: string
          organization_id?: string | null
          purpose?: string | null
          request_id?: string | null
          role?: string
          row_count?: number | null
          table_name?: string | null
          transaction_id?: unknown
          user_id?: string | null
          valid_until?: string | null
        }
        Relationships: []
      }
      profiles: {
        Row: {
          address: string | null
          address_sealed: string | null
          avatar_thumbnail_url: string | null
          avatar_url: string | null
          bio: string | null
          city: string | null
          country: string | null
          created_at: string
          date_of_birth: string | null
          date_of_birth_sealed: string | null
          display_name: string | null
          emergency_contact: string | null
          emergency_contact_sealed: string | null
          emergency_phone: string | null
          emergency_phone_sealed: string | null
          metadata: NonNullable<Json>
          organization_id: string
          phone: string | null
          phone_sealed: string | null
          postal_code: string | null
          preferences: NonNullable<Json>
          privacy_settings: NonNullable<Json>
          skills: NonNullable<Json>
          state: string | null
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          address?: string | null
          address_sealed?: string | null
          avatar_thumbnail_url?: string | null
          avatar_url?: string | null
          bio?: string | null
          city?: string | null
          country?: string | null
          created_at?: string
          date_of_birth?: string | null
          date_of_birth_sealed?: string | null
          display_name?: string | null
          emergency_contact?: string | null
          emergency_contact_sealed?: string | null
          emergency_phone?: string | null
          emergency_phone_sealed?: string | null
          metadata?: NonNullable<Json>
          organization_id?: string
          phone?: string | null
          phone_sealed?: string | null
          postal_code?: string | null
          preferences?: NonNullable<Json>
          privacy_settings?: NonNullable<Json>
          skills?: NonNullable<Json>
          state?: string | null
          updated_at?: string
          user_id: string
        }
        Update: {
          address?: string | null
          address_sealed?: string | null
          avatar_thumbnail_url?: string | null
          avatar_url?: string | null
          bio?: string | null
          city?: string | null
          country?: string | null
          created_at?: string
          date_of_birth?: string | null
          date_of_birth_sealed?: string | null
          display_name?: string | null
          emergency_contact?: string | null
          emergency_contact_sealed?: string | null
          emergency_phone?: string | null
          emergency_phone_sealed?: string | null
          metadata?: NonNullable<Json>
          organization_id?: string
          phone?: string | null
          phone_sealed?: string | null
          postal_code?: string | null
          preferences?: NonNullable<Json>
          privacy_settings?: NonNullable<Json>
          skills?: NonNullable<Json>
          state?: string | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "profiles_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      question_versions: {
        Row: {
          answer_key: Json | null
          correct_answer: string | null
          created_at: string
          explanation: string | null
          id: string
          options: NonNullable<Json>
          organization_id: string
          penalty: number
          points: number
          question_id: string
          required: boolean
          rubric: Json | null
          text: string
          type: string
          version: number
        }
        Insert: {
          answer_key?: Json | null
          correct_answer?: string | null
          created_at?: string
          explanation?: string | null
          id?: string
          options: NonNullable<Json>
          organization_id?: string
          penalty: number
          points: number
          question_id: string
          required: boolean
          rubric?: Json | null
          text: string
          type: string
          version: number
        }
        Update: {
          answer_key?: Json | null
          correct_answer?: string | null
          created_at?: string
          explanation?: string | null
          id?: string
          options?: NonNullable<Json>
          organization_id?: string
          penalty?: number
          points?: number
          question_id?: string
          required?: boolean
          rubric?: Json | null
          text?: string
          type?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "question_versions_question_id_fkey"
            columns: ["organization_id", "question_id"]
            isOneToOne: false
            referencedRelation: "questions"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      questions: {
        Row: {
          answer_key: Json | null
          assessment_id: string | null
          correct_answer: string | null
          created_at: string
          explanation: string | null
          grading: NonNullable<Json>
          id: string
          metadata: NonNullable<Json>
          options: NonNullable<Json>
          order: number | null
          organization_id: string
          penalty: number
          points: number
          required: boolean
          rubric: Json | null
          status: string
          tags: string[]
          text: string
          type: string
          updated_at: string
          version: number
        }
        Insert: {
          answer_key?: never
          assessment_id?: string | null
          correct_answer?: string | null
          created_at?: string
          explanation?: string | null
          grading?: NonNullable<Json>
          id?: string
          metadata?: NonNullable<Json>
          options?: NonNullable<Json>
          order?: number | null
          organization_id?: string
          penalty?: number
          points?: number
          required?: boolean
          rubric?: Json | null
          status?: string
          tags?: string[]
          text: string
          type: string
          updated_at?: string
          version?: number
        }
        Update: {
          answer_key?: never
          assessment_id?: string | null
          correct_answer?: string | null
          created_at?: string
          explanation?: string | null
          grading?: NonNullable<Json>
          id?: string
          metadata?: NonNullable<Json>
          options?: NonNullable<Json>
          order?: number | null
          organization_id?: string
          penalty?: number
          points?: number
          required?: boolean
          rubric?: Json | null
          status?: string
          tags?: string[]
          text?: string
          type?: string
          updated_at?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "questions_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "questions_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      quota_usage: {
        Row: {
          allowed: number | null
          ends_at: string | null
          kind: string
          organization_id: string
          owner: string[]
          period_start: string
          used: number
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          allowed?: number | null
          ends_at?: string | null
          kind: string
          organization_id: string
          owner: string[]
          period_start: string
          used: number
          user_id?: string | null
        }
        Update: {
          allowed?: number | null
          ends_at?: string | null
          kind?: string
          organization_id?: string
          owner?: string[]
          period_start?: string
          used?: number
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "quota_usage_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      recognition_allowances: {
        Row: {
          monthly_points: number
          organization_id: string
          role: string
        }
        Insert: {
          monthly_points: number
          organization_id?: string
          role: string
        }
        Update: {
          monthly_points?: number
          organization_id?: string
          role?: string
        }
        Relationships: [
          {
            foreignKeyName: "recognition_allowances_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "recognition_allowances_role_fkey"
            columns: ["role"]
            isOneToOne: false
            referencedRelation: "roles"
            referencedColumns: ["name"]
          },
        ]
      }
      recognition_comments: {
        Row: {
          comment: string
          created_at: string
          id: string
          organization_id: string
          recognition_id: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          comment: string
          created_at?: string
          id?: string
          organization_id?: string
          recognition_id: string
          updated_at?: string
          user_id: string
        }
        Update: {
          comment?: string
          created_at?: string
          id?: string
          organization_id?: string
          recognition_id?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "recognition_comments_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "recognition_comments_recognition_id_fkey"
            columns: ["organization_id", "recognition_id"]
            isOneToOne: false
            referencedRelation: "recognitions"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      recognition_reactions: {
        Row: {
          created_at: string
          id: string
          organization_id: string
          reaction: string
          recognition_id: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          id?: string
          organization_id?: string
          reaction?: string
          recognition_id: string
          user_id: string
        }
        Update: {
          created_at?: string
          id?: string
          organization_id?: string
          reaction?: string
          recognition_id?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "recognition_reactions_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "recognition_reactions_recognition_id_fkey"
            columns: ["organization_id", "recognition_id"]
            isOneToOne: false
            referencedRelation: "recognitions"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      recognition_settings: {
        Row: {
          approval: string
          approval_from: number
          daily_limit: number | null
          monthly_allowance: number
          organization_id: string
          updated_at: string
        }
        Insert: {
          approval?: string
          approval_from?: number
          daily_limit?: number | null
          monthly_allowance?: number
          organization_id?: string
          updated_at?: string
        }
        Update: {
          approval?: string
          approval_from?: number
          daily_limit?: number | null
          monthly_allowance?: number
          organization_id?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "recognition_settings_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: true
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      recognitions: {
        Row: {
          adds_to: string | null
          approved_at: string | null
          comments_count: number
          company_value_id: string | null
          created_at: string
          decided_by: string | null
          decision_note: string | null
          id: string
          message: string
          organization_id: string
          points_awarded: number
          reactions_count: number
          recipient_id: string | null
          sender_id: string | null
          status: string
          team_id: string | null
          updated_at: string
          visibility: string
        }
        Insert: {
          adds_to?: string | null
          approved_at?: string | null
          comments_count?: number
          company_value_id?: string | null
          created_at?: string
          decided_by?: string | null
          decision_note?: string | null
          id?: string
          message: string
          organization_id?: string
          points_awarded?: number
          reactions_count?: number
          recipient_id?: string | null
          sender_id?: string | null
          status?: string
          team_id?: string | null
          updated_at?: string
          visibility?: string
        }
        Update: {
          adds_to?: string | null
          approved_at?: string | null
          comments_count?: number
          company_value_id?: string | null
          created_at?: string
          decided_by?: string | null
          decision_note?: string | null
          id?: string
          message?: string
          organization_id?: string
          points_awarded?: number
          reactions_count?: number
          recipient_id?: string | null
          sender_id?: string | null
          status?: string
          team_id?: string | null
          updated_at?: string
          visibility?: string
        }
        Relationships: [
          {
            foreignKeyName: "recognitions_adds_to_fkey"
            columns: ["organization_id", "adds_to"]
            isOneToOne: false
            referencedRelation: "recognitions"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "recognitions_company_value_id_fkey"
            columns: ["organization_id", "company_value_id"]
            isOneToOne: false
            referencedRelation: "company_values"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "recognitions_decided_by_fkey"
            columns: ["organization_id", "decided_by"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "recognitions_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "recognitions_recipient_id_fkey"
            columns: ["organization_id", "recipient_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "recognitions_sender_id_fkey"
            columns: ["organization_id", "sender_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "recognitions_team_id_fkey"
            columns: ["organization_id", "team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      redemptions: {
        Row: {
          approved_at: string | null
          created_at: string
          decided_by: string | null
          decision_note: string | null
          ended_at: string | null
          fulfilled_at: string | null
          fulfilment: string
          fulfilment_reference: string | null
          id: string
          idempotency_key: string | null
          limit_period: string | null
          note: string | null
          organization_id: string
          quantity: number
          reward_id: string
          reward_name: string
          status: string
          unit_price: number
          updated_at: string
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          approved_at?: string | null
          created_at?: string
          decided_by?: string | null
          decision_note?: string | null
          ended_at?: string | null
          fulfilled_at?: string | null
          fulfilment?: string
          fulfilment_reference?: string | null
          id?: string
          idempotency_key?: string | null
          limit_period?: string | null
          note?: string | null
          organization_id?: string
          quantity?: number
          reward_id: string
          reward_name?: string
          status?: string
          unit_price?: number
          updated_at?: string
          user_id?: string | null
        }
        Update: {
          approved_at?: string | null
          created_at?: string
          decided_by?: string | null
          decision_note?: string | null
          ended_at?: string | null
          fulfilled_at?: string | null
          fulfilment?: string
          fulfilment_reference?: string | null
          id?: string
          idempotency_key?: string | null
          limit_period?: string | null
          note?: string | null
          organization_id?: string
          quantity?: number
          reward_id?: string
          reward_name?: string
          status?: string
          unit_price?: number
          updated_at?: string
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "redemptions_decided_by_fkey"
            columns: ["organization_id", "decided_by"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "redemptions_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "redemptions_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "redemptions_reward_id_fkey"
            columns: ["organization_id", "reward_id"]
            isOneToOne: false
            referencedRelation: "rewards"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      reference_types: {
        Row: {
          name: string
          table_name: string
        }
        Insert: {
          name: string
          table_name: string
        }
        Update: {
          name?: string
          table_name?: string
        }
        Relationships: []
      }
      response_marks: {
        Row: {
          created_at: string
          feedback: string | null
          id: string
          kind: string
          marked_by: string | null
          organization_id: string
          points: number | null
          points_before: number | null
          response_id: string
          rubric: Json | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          feedback?: string | null
          id?: string
          kind: string
          marked_by?: string | null
          organization_id?: string
          points?: number | null
          points_before?: number | null
          response_id: string
          rubric?: Json | null
          user_id: string
        }
        Update: {
          created_at?: string
          feedback?: string | null
          id?: string
          kind?: string
          marked_by?: string | null
          organization_id?: string
          points?: number | null
          points_before?: number | null
          response_id?: string
          rubric?: Json | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "response_marks_marked_by_fkey"
            columns: ["organization_id", "marked_by"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "response_marks_response_id_fkey"
            columns: ["organization_id", "response_id"]
            isOneToOne: false
            referencedRelation: "marking_queue"
            referencedColumns: ["organization_id", "response_id"]
          },
          {
            foreignKeyName: "response_marks_response_id_fkey"
            columns: ["organization_id", "response_id"]
            isOneToOne: false
            referencedRelation: "responses"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      responses: {
        Row: {
          answer: string | null
          assessment_id: string
          attempt_id: string
          attempt_number: number
          beneficiary_id: string
          created_at: string
          id: string
          is_correct: boolean | null
          needs_marking: boolean
          organization_id: string
          points_earned: number | null
          points_lost: number
          question_id: string
          time_spent: number
          updated_at: string
          user_id: string
          version: number
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          answer?: string | null
          assessment_id?: string
          attempt_id: string
          attempt_number?: number
          beneficiary_id?: string
          created_at?: string
          id?: string
          is_correct?: boolean | null
          needs_marking?: boolean
          organization_id?: string
          points_earned?: number | null
          points_lost?: number
          question_id: string
          time_spent?: number
          updated_at?: string
          user_id?: string
          version?: number
        }
        Update: {
          answer?: string | null
          assessment_id?: string
          attempt_id?: string
          attempt_number?: number
          beneficiary_id?: string
          created_at?: string
          id?: string
          is_correct?: boolean | null
          needs_marking?: boolean
          organization_id?: string
          points_earned?: number | null
          points_lost?: number
          question_id?: string
          time_spent?: number
          updated_at?: string
          user_id?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "responses_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "responses_attempt_id_fkey"
            columns: ["organization_id", "attempt_id"]
            isOneToOne: false
            referencedRelation: "assessment_attempts"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "responses_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "responses_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "responses_question_id_fkey"
            columns: ["organization_id", "question_id"]
            isOneToOne: false
            referencedRelation: "questions"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      retention_policies: {
        Row: {
          action: string
          assignments: string | null
          batch_rows: number
          condition: string | null
          is_enabled: boolean
          keep: string | null
          name: string
          source: string
          table_name: string
          time_column: string | null
          updated_at: string
          user_columns: string[]
        }
        Insert: {
          action: string
          assignments?: string | null
          batch_rows?: number
          condition?: string | null
          is_enabled?: boolean
          keep?: string | null
          name: string
          source: string
          table_name: string
          time_column?: string | null
          updated_at?: string
          user_columns?: string[]
        }
        Update: {
          action?: string
          assignments?: string | null
          batch_rows?: number
          condition?: string | null
          is_enabled?: boolean
          keep?: string | null
          name?: string
          source?: string
          table_name?: string
          time_column?: string | null
          updated_at?: string
          user_columns?: string[]
        }
        Relationships: []
      }
      retention_runs: {
        Row: {
          action: string
          batches: number
          bytes: number
          cut_off: string | null
          dry_run: boolean
          error: string | null
          failed: number
          finished_at: string | null
          held: number
          id: string
          outcome: string
          partitions: number
          policy: string
          rows: number
          started_at: string
          started_by: string
          table_name: string
        }
        Insert: {
          action: string
          batches?: number
          bytes?: number
          cut_off?: string | null
          dry_run: boolean
          error?: string | null
          failed?: number
          finished_at?: string | null
          held?: number
          id?: string
          outcome?: string
          partitions?: number
          policy: string
          rows?: number
          started_at?: string
          started_by: string
          table_name: string
        }
        Update: {
          action?: string
          batches?: number
          bytes?: number
          cut_off?: string | null
          dry_run?: boolean
          error?: string | null
          failed?: number
          finished_at?: string | null
          held?: number
          id?: string
          outcome?: string
          partitions?: number
          policy?: string
          rows?: number
          started_at?: string
          started_by?: string
          table_name?: string
        }
        Relationships: []
      }
      reward_vouchers: {
        Row: {
          code: string
          created_at: string
          handed_at: string | null
          id: string
          organization_id: string
          redemption_id: string | null
          reward_id: string
          status: string
          user_id: string | null
          valid_until: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          code: string
          created_at?: string
          handed_at?: string | null
          id?: string
          organization_id?: string
          redemption_id?: string | null
          reward_id: string
          status?: string
          user_id?: string | null
          valid_until?: string | null
        }
        Update: {
          code?: string
          created_at?: string
          handed_at?: string | null
          id?: string
          organization_id?: string
          redemption_id?: string | null
          reward_id?: string
          status?: string
          user_id?: string | null
          valid_until?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "reward_vouchers_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "reward_vouchers_redemption_id_fkey"
            columns: ["organization_id", "redemption_id"]
            isOneToOne: false
            referencedRelation: "redemptions"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "reward_vouchers_reward_id_fkey"
            columns: ["organization_id", "reward_id"]
            isOneToOne: false
            referencedRelation: "rewards"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      rewards: {
        Row: {
          available_from: string | null
          available_until: string | null
          created_at: string
          description: string | null
          fulfilment: string
          id: string
          limit_per_member: number | null
          limit_period: string
          name: string
          needs_approval: boolean
          organization_id: string
          price: number
          status: string
          stock: number | null
          taken: number
          tier_required: string | null
          updated_at: string
          vouchers_left: number
        }
        Insert: {
          available_from?: string | null
          available_until?: string | null
          created_at?: string
          description?: string | null
          fulfilment?: string
          id?: string
          limit_per_member?: number | null
          limit_period?: string
          name: string
          needs_approval?: boolean
          organization_id?: string
          price: number
          status?: string
          stock?: number | null
          taken?: number
          tier_required?: string | null
          updated_at?: string
          vouchers_left?: number
        }
        Update: {
          available_from?: string | null
          available_until?: string | null
          created_at?: string
          description?: string | null
          fulfilment?: string
          id?: string
          limit_per_member?: number | null
          limit_period?: string
          name?: string
          needs_approval?: boolean
          organization_id?: string
          price?: number
          status?: string
          stock?: number | null
          taken?: number
          tier_required?: string | null
          updated_at?: string
          vouchers_left?: number
        }
        Relationships: [
          {
            foreignKeyName: "rewards_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      roles: {
        Row: {
          description: string
          name: string
          permissions: string[]
        }
        Insert: {
          description: string
          name: string
          permissions?: string[]
        }
        Update: {
          description?: string
          name?: string
          permissions?: string[]
        }
        Relationships: []
      }
      rooms: {
        Row: {
          created_at: string
          description: string | null
          id: string
          name: string
          organization_id: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          id?: string
          name: string
          organization_id?: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          id?: string
          name?: string
          organization_id?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "rooms_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      rule_executions: {
        Row: {
          depth: number
          error_code: string | null
          error_message: string | null
          event_id: string
          executed_at: string
          next_eligible_at: string | null
          organization_id: string
          points: number
          reason: string | null
          rule_id: string
          status: string
          user_id: string
          version: number
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          depth?: number
          error_code?: string | null
          error_message?: string | null
          event_id: string
          executed_at?: string
          next_eligible_at?: string | null
          organization_id: string
          points?: number
          reason?: string | null
          rule_id: string
          status: string
          user_id: string
          version: number
        }
        Update: {
          depth?: number
          error_code?: string | null
          error_message?: string | null
          event_id?: string
          executed_at?: string
          next_eligible_at?: string | null
          organization_id?: string
          points?: number
          reason?: string | null
          rule_id?: string
          status?: string
          user_id?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "rule_executions_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "rule_executions_rule_id_fkey"
            columns: ["organization_id", "rule_id"]
            isOneToOne: false
            referencedRelation: "gamification_rules"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      rule_versions: {
        Row: {
          actions: NonNullable<Json>
          active_from: string | null
          active_until: string | null
          condition: string | null
          cooldown: string | null
          created_at: string
          created_by: string | null
          event_type: string
          name: string
          organization_cap: number | null
          organization_cap_period: string
          organization_id: string
          rule_id: string
          runs: string
          user_cap: number | null
          user_cap_period: string
          version: number
        }
        Insert: {
          actions: NonNullable<Json>
          active_from?: string | null
          active_until?: string | null
          condition?: string | null
          cooldown?: string | null
          created_at?: string
          created_by?: string | null
          event_type: string
          name: string
          organization_cap?: number | null
          organization_cap_period: string
          organization_id: string
          rule_id: string
          runs: string
          user_cap?: number | null
          user_cap_period: string
          version: number
        }
        Update: {
          actions?: NonNullable<Json>
          active_from?: string | null
          active_until?: string | null
          condition?: string | null
          cooldown?: string | null
          created_at?: string
          created_by?: string | null
          event_type?: string
          name?: string
          organization_cap?: number | null
          organization_cap_period?: string
          organization_id?: string
          rule_id?: string
          runs?: string
          user_cap?: number | null
          user_cap_period?: string
          version?: number
        }
        Relationships: [
          {
            foreignKeyName: "rule_versions_rule_id_fkey"
            columns: ["organization_id", "rule_id"]
            isOneToOne: false
            referencedRelation: "gamification_rules"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      sessions: {
        Row: {
          created_at: string
          expires_at: string
          id: string
          ip_address: unknown
          last_activity: string
          organization_id: string
          token_hash: string | null
          user_agent: string | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          expires_at: string
          id?: string
          ip_address?: unknown
          last_activity?: string
          organization_id?: string
          token_hash?: string | null
          user_agent?: string | null
          user_id: string
        }
        Update: {
          created_at?: string
          expires_at?: string
          id?: string
          ip_address?: unknown
          last_activity?: string
          organization_id?: string
          token_hash?: string | null
          user_agent?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "sessions_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      settings: {
        Row: {
          category: string | null
          created_at: string
          description: string | null
          id: string
          is_public: boolean
          key: string
          organization_id: string | null
          type: string
          updated_at: string
          value: string
        }
        Insert: {
          category?: string | null
          created_at?: string
          description?: string | null
          id?: string
          is_public?: boolean
          key: string
          organization_id?: string | null
          type?: string
          updated_at?: string
          value: string
        }
        Update: {
          category?: string | null
          created_at?: string
          description?: string | null
          id?: string
          is_public?: boolean
          key?: string
          organization_id?: string | null
          type?: string
          updated_at?: string
          value?: string
        }
        Relationships: [
          {
            foreignKeyName: "settings_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      streak_freezes: {
        Row: {
          created_at: string
          earned_on: string
          id: string
          organization_id: string
          used_at: string | null
          used_for: string | null
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          earned_on?: string
          id?: string
          organization_id?: string
          used_at?: string | null
          used_for?: string | null
          user_id: string
        }
        Update: {
          created_at?: string
          earned_on?: string
          id?: string
          organization_id?: string
          used_at?: string | null
          used_for?: string | null
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "streak_freezes_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      streak_settings: {
        Row: {
          days_per_freeze: number
          most_held: number
          organization_id: string
          updated_at: string
        }
        Insert: {
          days_per_freeze?: number
          most_held?: number
          organization_id?: string
          updated_at?: string
        }
        Update: {
          days_per_freeze?: number
          most_held?: number
          organization_id?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "streak_settings_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: true
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      suppressed_addresses: {
        Row: {
          bounced_at: string
          bounces: number
          cleared_at: string | null
          code: string
          email: string
          organization_id: string
          reason: string | null
          reports: string[]
          suppressed_at: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          bounced_at: string
          bounces?: number
          cleared_at?: string | null
          code: string
          email: string
          organization_id: string
          reason?: string | null
          reports?: string[]
          suppressed_at?: string | null
          user_id?: string | null
        }
        Update: {
          bounced_at?: string
          bounces?: number
          cleared_at?: string | null
          code?: string
          email?: string
          organization_id?: string
          reason?: string | null
          reports?: string[]
          suppressed_at?: string | null
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "suppressed_addresses_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "suppressed_addresses_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      team_challenges: {
        Row: {
          completed_at: string | null
          created_at: string
          description: string | null
          ends_at: string
          event_type: string | null
          given: number
          goal: number
          id: string
          kind: string
          organization_id: string
          progress: number
          starts_at: string
          status: string
          team_id: string
          title: string
          updated_at: string
        }
        Insert: {
          completed_at?: string | null
          created_at?: string
          description?: string | null
          ends_at: string
          event_type?: string | null
          given?: number
          goal: number
          id?: string
          kind?: string
          organization_id?: string
          progress?: number
          starts_at: string
          status?: string
          team_id: string
          title: string
          updated_at?: string
        }
        Update: {
          completed_at?: string | null
          created_at?: string
          description?: string | null
          ends_at?: string
          event_type?: string | null
          given?: number
          goal?: number
          id?: string
          kind?: string
          organization_id?: string
          progress?: number
          starts_at?: string
          status?: string
          team_id?: string
          title?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "team_challenges_team_id_fkey"
            columns: ["organization_id", "team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      team_memberships: {
        Row: {
          id: string
          joined_at: string
          organization_id: string
          role: string
          team_id: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          id?: string
          joined_at?: string
          organization_id?: string
          role?: string
          team_id: string
          user_id: string
        }
        Update: {
          id?: string
          joined_at?: string
          organization_id?: string
          role?: string
          team_id?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "team_memberships_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "team_memberships_team_id_fkey"
            columns: ["organization_id", "team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      teams: {
        Row: {
          created_at: string
          description: string | null
          id: string
          member_count: number
          name: string
          organization_id: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          id?: string
          member_count?: number
          name: string
          organization_id?: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          id?: string
          member_count?: number
          name?: string
          organization_id?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "teams_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      tier_benefits: {
        Row: {
          created_at: string
          description: string | null
          id: string
          locked_in_grace: boolean
          name: string
          organization_id: string
          tier: string
          updated_at: string
        }
        Insert: {
          created_at?: string
          description?: string | null
          id?: string
          locked_in_grace?: boolean
          name: string
          organization_id?: string
          tier: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          description?: string | null
          id?: string
          locked_in_grace?: boolean
          name?: string
          organization_id?: string
          tier?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "tier_benefits_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      tiers: {
        Row: {
          min_points: number
          organization_id: string
          tier: string
        }
        Insert: {
          min_points: number
          organization_id: string
          tier: string
        }
        Update: {
          min_points?: number
          organization_id?: string
          tier?: string
        }
        Relationships: [
          {
            foreignKeyName: "tiers_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      trainer_calendars: {
        Row: {
          buffer_minutes: number
          cancel_notice_minutes: number
          created_at: string
          organization_id: string
          reminder_minutes: number[]
          slot_minutes: number | null
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          buffer_minutes?: number
          cancel_notice_minutes?: number
          created_at?: string
          organization_id?: string
          reminder_minutes?: number[]
          slot_minutes?: number | null
          updated_at?: string
          user_id: string
        }
        Update: {
          buffer_minutes?: number
          cancel_notice_minutes?: number
          created_at?: string
          organization_id?: string
          reminder_minutes?: number[]
          slot_minutes?: number | null
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "trainer_calendars_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: true
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      user_exports: {
        Row: {
          exported_at: string
          exported_by: string | null
          id: string
          is_whole: boolean
          organization_id: string
          row_count: number
          user_id: string
          way: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          exported_at?: string
          exported_by?: string | null
          id?: string
          is_whole: boolean
          organization_id: string
          row_count: number
          user_id: string
          way: string
        }
        Update: {
          exported_at?: string
          exported_by?: string | null
          id?: string
          is_whole?: boolean
          organization_id?: string
          row_count?: number
          user_id?: string
          way?: string
        }
        Relationships: [
          {
            foreignKeyName: "user_exports_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      user_identities: {
        Row: {
          created_at: string
          id: string
          last_used_at: string | null
          organization_id: string
          provider: string
          subject: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          id?: string
          last_used_at?: string | null
          organization_id?: string
          provider: string
          subject: string
          user_id: string
        }
        Update: {
          created_at?: string
          id?: string
          last_used_at?: string | null
          organization_id?: string
          provider?: string
          subject?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "user_identities_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      user_merges: {
        Row: {
          from_id: string
          id: string
          into_id: string
          merged_at: string
          merged_by: string | null
          moved: NonNullable<Json>
          organization_id: string
          points: number
          reason: string | null
        }
        Insert: {
          from_id: string
          id?: string
          into_id: string
          merged_at?: string
          merged_by?: string | null
          moved: NonNullable<Json>
          organization_id: string
          points: number
          reason?: string | null
        }
        Update: {
          from_id?: string
          id?: string
          into_id?: string
          merged_at?: string
          merged_by?: string | null
          moved?: NonNullable<Json>
          organization_id?: string
          points?: number
          reason?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "user_merges_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      user_onboardings: {
        Row: {
          assigned_buddy_id: string | null
          cancelled_at: string | null
          completed_at: string | null
          created_at: string
          duration_days: number
          id: string
          manager_id: string | null
          organization_id: string
          progress_percentage: number
          start_date: string
          status: string
          tasks_done: number
          tasks_open: number
          template_id: string
          updated_at: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          assigned_buddy_id?: string | null
          cancelled_at?: string | null
          completed_at?: string | null
          created_at?: string
          duration_days?: number
          id?: string
          manager_id?: string | null
          organization_id?: string
          progress_percentage?: never
          start_date?: string
          status?: string
          tasks_done?: number
          tasks_open?: number
          template_id: string
          updated_at?: string
          user_id: string
        }
        Update: {
          assigned_buddy_id?: string | null
          cancelled_at?: string | null
          completed_at?: string | null
          created_at?: string
          duration_days?: number
          id?: string
          manager_id?: string | null
          organization_id?: string
          progress_percentage?: never
          start_date?: string
          status?: string
          tasks_done?: number
          tasks_open?: number
          template_id?: string
          updated_at?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "user_onboardings_assigned_buddy_id_fkey"
            columns: ["organization_id", "assigned_buddy_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "user_onboardings_manager_id_fkey"
            columns: ["organization_id", "manager_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "user_onboardings_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: true
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "user_onboardings_template_id_fkey"
            columns: ["organization_id", "template_id"]
            isOneToOne: false
            referencedRelation: "onboarding_templates"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      user_organizations: {
        Row: {
          avatar_url: string | null
          display_name: string | null
          joined_at: string
          leaderboard_privacy: string
          organization_id: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          avatar_url?: string | null
          display_name?: string | null
          joined_at?: string
          leaderboard_privacy?: string
          organization_id?: string
          user_id: string
        }
        Update: {
          avatar_url?: string | null
          display_name?: string | null
          joined_at?: string
          leaderboard_privacy?: string
          organization_id?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "user_organizations_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "user_organizations_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "people"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "user_organizations_user_id_fkey"
            columns: ["user_id"]
            isOneToOne: false
            referencedRelation: "users"
            referencedColumns: ["id"]
          },
        ]
      }
      user_points: {
        Row: {
          created_at: string
          current_level: number
          current_streak: number
          last_activity_date: string | null
          last_entry_at: string | null
          last_entry_hash: string | null
          last_entry_no: number
          lifetime_points: number
          longest_streak: number
          month_reached_at: string | null
          month_start: string | null
          organization_id: string
          points_held: number
          points_this_month: number
          points_this_week: number
          reached_at: string | null
          rolling_from: string | null
          rolling_points: number | null
          team_id: string | null
          tier: string
          tier_kept_until: string | null
          total_points: number
          updated_at: string
          user_id: string
          week_reached_at: string | null
          week_start: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          current_level?: number
          current_streak?: number
          last_activity_date?: string | null
          last_entry_at?: string | null
          last_entry_hash?: string | null
          last_entry_no?: number
          lifetime_points?: number
          longest_streak?: number
          month_reached_at?: string | null
          month_start?: string | null
          organization_id?: string
          points_held?: number
          points_this_month?: number
          points_this_week?: number
          reached_at?: string | null
          rolling_from?: string | null
          rolling_points?: number | null
          team_id?: string | null
          tier?: string
          tier_kept_until?: string | null
          total_points?: number
          updated_at?: string
          user_id: string
          week_reached_at?: string | null
          week_start?: string | null
        }
        Update: {
          created_at?: string
          current_level?: number
          current_streak?: number
          last_activity_date?: string | null
          last_entry_at?: string | null
          last_entry_hash?: string | null
          last_entry_no?: number
          lifetime_points?: number
          longest_streak?: number
          month_reached_at?: string | null
          month_start?: string | null
          organization_id?: string
          points_held?: number
          points_this_month?: number
          points_this_week?: number
          reached_at?: string | null
          rolling_from?: string | null
          rolling_points?: number | null
          team_id?: string | null
          tier?: string
          tier_kept_until?: string | null
          total_points?: number
          updated_at?: string
          user_id?: string
          week_reached_at?: string | null
          week_start?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "user_points_membership_fkey"
            columns: ["user_id", "organization_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["user_id", "organization_id"]
          },
          {
            foreignKeyName: "user_points_team_id_fkey"
            columns: ["organization_id", "team_id"]
            isOneToOne: false
            referencedRelation: "teams"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "user_points_team_membership_fkey"
            columns: ["organization_id", "team_id", "user_id"]
            isOneToOne: false
            referencedRelation: "team_memberships"
            referencedColumns: ["organization_id", "team_id", "user_id"]
          },
        ]
      }
      user_preferences: {
        Row: {
          created_at: string
          dashboard: NonNullable<Json>
          language: string
          leaderboard_privacy: string
          notification_preferences: NonNullable<Json>
          organization_id: string
          predictive_analytics_enabled: NonNullable<Json>
          theme: string
          time_zone: string | null
          updated_at: string
          user_id: string
          widgets: NonNullable<Json>
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string
          dashboard?: NonNullable<Json>
          language?: string
          leaderboard_privacy?: string
          notification_preferences?: NonNullable<Json>
          organization_id?: string
          predictive_analytics_enabled?: NonNullable<Json>
          theme?: string
          time_zone?: string | null
          updated_at?: string
          user_id: string
          widgets?: NonNullable<Json>
        }
        Update: {
          created_at?: string
          dashboard?: NonNullable<Json>
          language?: string
          leaderboard_privacy?: string
          notification_preferences?: NonNullable<Json>
          organization_id?: string
          predictive_analytics_enabled?: NonNullable<Json>
          theme?: string
          time_zone?: string | null
          updated_at?: string
          user_id?: string
          widgets?: NonNullable<Json>
        }
        Relationships: [
          {
            foreignKeyName: "user_preferences_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      user_roles: {
        Row: {
          granted_at: string
          granted_by: string | null
          id: string
          organization_id: string
          role: string
          user_id: string
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          granted_at?: string
          granted_by?: string | null
          id?: string
          organization_id?: string
          role: string
          user_id: string
        }
        Update: {
          granted_at?: string
          granted_by?: string | null
          id?: string
          organization_id?: string
          role?: string
          user_id?: string
        }
        Relationships: [
          {
            foreignKeyName: "user_roles_granted_by_fkey"
            columns: ["granted_by"]
            isOneToOne: false
            referencedRelation: "people"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "user_roles_granted_by_fkey"
            columns: ["granted_by"]
            isOneToOne: false
            referencedRelation: "users"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "user_roles_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "user_roles_role_fkey"
            columns: ["role"]
            isOneToOne: false
            referencedRelation: "roles"
            referencedColumns: ["name"]
          },
        ]
      }
      users: {
        Row: {
          avatar_url: string | null
          created_at: string
          department: string | null
          email: string
          email_changed_at: string | null
          email_verified: boolean
          first_name: string | null
          full_name: string | null
          id: string
          is_active: boolean
          job_title: string | null
          last_login_at: string | null
          last_name: string | null
          manager_id: string | null
          organization_id: string
          password_hash: string | null
          permissions: string[]
          updated_at: string
        }
        Insert: {
          avatar_url?: string | null
          created_at?: string
          department?: string | null
          email: string
          email_changed_at?: string | null
          email_verified?: boolean
          first_name?: string | null
          full_name?: string | null
          id?: string
          is_active?: boolean
          job_title?: string | null
          last_login_at?: string | null
          last_name?: string | null
          manager_id?: string | null
          organization_id?: string
          password_hash?: string | null
          permissions?: string[]
          updated_at?: string
        }
        Update: {
          avatar_url?: string | null
          created_at?: string
          department?: string | null
          email?: string
          email_changed_at?: string | null
          email_verified?: boolean
          first_name?: string | null
          full_name?: string | null
          id?: string
          is_active?: boolean
          job_title?: string | null
          last_login_at?: string | null
          last_name?: string | null
          manager_id?: string | null
          organization_id?: string
          password_hash?: string | null
          permissions?: string[]
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "users_manager_id_fkey"
            columns: ["organization_id", "manager_id"]
            isOneToOne: false
            referencedRelation: "people"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "users_manager_id_fkey"
            columns: ["organization_id", "manager_id"]
            isOneToOne: false
            referencedRelation: "users"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "users_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      webhook_endpoints: {
        Row: {
          allow_insecure: boolean
          created_at: string
          description: string | null
          disabled_at: string | null
          disabled_reason: string | null
          event_types: string[]
          failing_since: string | null
          failures: number
          id: string
          is_enabled: boolean
          last_success_at: string | null
          max_concurrency: number
          organization_id: string
          previous_secret: string | null
          previous_until: string | null
          rate_counted_at: string | null
          rate_per_second: number | null
          rate_tokens: number | null
          secret: string
          timeout_ms: number
          updated_at: string
          url: string
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          allow_insecure?: boolean
          created_at?: string
          description?: string | null
          disabled_at?: string | null
          disabled_reason?: string | null
          event_types?: string[]
          failing_since?: string | null
          failures?: number
          id?: string
          is_enabled?: boolean
          last_success_at?: string | null
          max_concurrency?: number
          organization_id?: string
          previous_secret?: string | null
          previous_until?: string | null
          rate_counted_at?: string | null
          rate_per_second?: number | null
          rate_tokens?: number | null
          secret: string
          timeout_ms?: number
          updated_at?: string
          url: string
          user_id?: string | null
        }
        Update: {
          allow_insecure?: boolean
          created_at?: string
          description?: string | null
          disabled_at?: string | null
          disabled_reason?: string | null
          event_types?: string[]
          failing_since?: string | null
          failures?: number
          id?: string
          is_enabled?: boolean
          last_success_at?: string | null
          max_concurrency?: number
          organization_id?: string
          previous_secret?: string | null
          previous_until?: string | null
          rate_counted_at?: string | null
          rate_per_second?: number | null
          rate_tokens?: number | null
          secret?: string
          timeout_ms?: number
          updated_at?: string
          url?: string
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "webhook_endpoints_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "webhook_endpoints_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      workers: {
        Row: {
          host: string
          idle: boolean
          mail_from: string | null
          pid: number
          seen_at: string
          started_at: string
          version: string
          worker_id: string
        }
        Insert: {
          host: string
          idle?: boolean
          mail_from?: string | null
          pid: number
          seen_at?: string
          started_at?: string
          version: string
          worker_id: string
        }
        Update: {
          host?: string
          idle?: boolean
          mail_from?: string | null
          pid?: number
          seen_at?: string
          started_at?: string
          version?: string
          worker_id?: string
        }
        Relationships: []
      }
      working_calendars: {
        Row: {
          organization_id: string
          updated_at: string
          working_days: number[]
        }
        Insert: {
          organization_id?: string
          updated_at?: string
          working_days?: number[]
        }
        Update: {
          organization_id?: string
          updated_at?: string
          working_days?: number[]
        }
        Relationships: [
          {
            foreignKeyName: "working_calendars_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: true
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Views: {
      achievements: {
        Row: {
          criteria: Json | null
          description: string | null
          icon: string | null
          id: string | null
          name: string | null
          organization_id: string | null
          tier: string | null
        }
        Insert: {
          criteria?: Json | null
          description?: string | null
          icon?: string | null
          id?: string | null
          name?: string | null
          organization_id?: string | null
          tier?: string | null
        }
        Update: {
          criteria?: Json | null
          description?: string | null
          icon?: string | null
          id?: string | null
          name?: string | null
          organization_id?: string | null
          tier?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "badges_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      assessment_statistics: {
        Row: {
          alpha: number | null
          assessment_id: string | null
          attempts: number | null
          deviation: number | null
          error_ratio: number | null
          items: number | null
          mean: number | null
          median: number | null
          organization_id: string | null
          standard_error: number | null
        }
        Relationships: [
          {
            foreignKeyName: "responses_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      assignment_report: {
        Row: {
          assignment_id: string | null
          completed: number | null
          learning_path_id: string | null
          open: number | null
          organization_id: string | null
          overdue: number | null
          people: number | null
          waived: number | null
        }
        Relationships: [
          {
            foreignKeyName: "assigned_learning_assignment_id_fkey"
            columns: ["organization_id", "assignment_id"]
            isOneToOne: false
            referencedRelation: "learning_assignments"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      award_budget_status: {
        Row: {
          awarded_points: number | null
          ends_on: string | null
          id: string | null
          name: string | null
          organization_id: string | null
          planned_points: number | null
          remaining_points: number | null
          starts_on: string | null
          transaction_type: string | null
        }
        Relationships: [
          {
            foreignKeyName: "award_budgets_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      beneficiary_report: {
        Row: {
          assessments: number | null
          attempts: number | null
          attempts_to_mark: number | null
          average_percentage: number | null
          beneficiary_id: string | null
          enrollment_date: string | null
          events_attended: number | null
          failed: number | null
          last_result_at: string | null
          open_attempts: number | null
          organization_id: string | null
          passed: number | null
          status: string | null
          trainer_id: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: [
          {
            foreignKeyName: "beneficiaries_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "beneficiaries_trainer_id_fkey"
            columns: ["organization_id", "trainer_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
          {
            foreignKeyName: "beneficiaries_user_id_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      best_results: {
        Row: {
          assessment_id: string | null
          attempt_id: string | null
          beneficiary_id: string | null
          created_at: string | null
          max_score: number | null
          organization_id: string | null
          passed: boolean | null
          percentage: number | null
          result_id: string | null
          score: number | null
          time_taken: number | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: [
          {
            foreignKeyName: "assessment_results_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_results_attempt_id_fkey"
            columns: ["organization_id", "attempt_id"]
            isOneToOne: true
            referencedRelation: "assessment_attempts"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_results_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiaries"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assessment_results_beneficiary_id_fkey"
            columns: ["organization_id", "beneficiary_id"]
            isOneToOne: false
            referencedRelation: "beneficiary_report"
            referencedColumns: ["organization_id", "beneficiary_id"]
          },
          {
            foreignKeyName: "assessment_results_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      item_statistics: {
        Row: {
          assessment_id: string | null
          attempts: number | null
          deviation: number | null
          discrimination_index: number | null
          discriminative_efficiency: number | null
          facility: number | null
          organization_id: string | null
          points: number | null
          question_id: string | null
        }
        Relationships: [
          {
            foreignKeyName: "responses_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "responses_question_id_fkey"
            columns: ["organization_id", "question_id"]
            isOneToOne: false
            referencedRelation: "questions"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      leaderboard_monthly: {
        Row: {
          monthly_points: number | null
          rank: number | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: []
      }
      leaderboard_weekly: {
        Row: {
          rank: number | null
          user_id: string | null
          weekly_points: number | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: []
      }
      learning_due: {
        Row: {
          assignment_id: string | null
          cycle: number | null
          due_at: string | null
          id: string | null
          is_overdue: boolean | null
          is_required: boolean | null
          is_to_begin_anew: boolean | null
          learning_path_id: string | null
          opens_at: string | null
          organization_id: string | null
          progress_percentage: number | null
          title: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: [
          {
            foreignKeyName: "assigned_learning_assignment_id_fkey"
            columns: ["organization_id", "assignment_id"]
            isOneToOne: false
            referencedRelation: "learning_assignments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "assigned_learning_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      marking_queue: {
        Row: {
          answer: string | null
          assessment_id: string | null
          attempt_id: string | null
          created_at: string | null
          marks: number | null
          organization_id: string | null
          points: number | null
          question_id: string | null
          response_id: string | null
          rubric: Json | null
          text: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: [
          {
            foreignKeyName: "responses_assessment_id_fkey"
            columns: ["organization_id", "assessment_id"]
            isOneToOne: false
            referencedRelation: "assessments"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "responses_attempt_id_fkey"
            columns: ["organization_id", "attempt_id"]
            isOneToOne: false
            referencedRelation: "assessment_attempts"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "responses_question_id_fkey"
            columns: ["organization_id", "question_id"]
            isOneToOne: false
            referencedRelation: "questions"
            referencedColumns: ["organization_id", "id"]
          },
        ]
      }
      member_benefits: {
        Row: {
          benefit_id: string | null
          is_locked: boolean | null
          name: string | null
          organization_id: string | null
          points_missing: number | null
          tier: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: [
          {
            foreignKeyName: "user_points_membership_fkey"
            columns: ["user_id", "organization_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["user_id", "organization_id"]
          },
        ]
      }
      people: {
        Row: {
          avatar_url: string | null
          department: string | null
          email: string | null
          first_name: string | null
          full_name: string | null
          id: string | null
          is_active: boolean | null
          job_title: string | null
          last_name: string | null
          manager_id: string | null
          organization_id: string | null
        }
        Insert: {
          avatar_url?: string | null
          department?: string | null
          email?: string | null
          first_name?: string | null
          full_name?: string | null
          id?: string | null
          is_active?: boolean | null
          job_title?: string | null
          last_name?: string | null
          manager_id?: string | null
          organization_id?: string | null
        }
        Update: {
          avatar_url?: string | null
          department?: string | null
          email?: string | null
          first_name?: string | null
          full_name?: string | null
          id?: string | null
          is_active?: boolean | null
          job_title?: string | null
          last_name?: string | null
          manager_id?: string | null
          organization_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "users_manager_id_fkey"
            columns: ["organization_id", "manager_id"]
            isOneToOne: false
            referencedRelation: "people"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "users_manager_id_fkey"
            columns: ["organization_id", "manager_id"]
            isOneToOne: false
            referencedRelation: "users"
            referencedColumns: ["organization_id", "id"]
          },
          {
            foreignKeyName: "users_organization_id_fkey"
            columns: ["organization_id"]
            isOneToOne: false
            referencedRelation: "organizations"
            referencedColumns: ["id"]
          },
        ]
      }
      point_transactions: {
        Row: {
          activity_type: string | null
          id: string | null
          metadata: Json | null
          organization_id: string | null
          points: number | null
          reason: string | null
          timestamp: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          activity_type?: string | null
          id?: string | null
          metadata?: Json | null
          organization_id?: string | null
          points?: number | null
          reason?: string | null
          timestamp?: string | null
          user_id?: string | null
        }
        Update: {
          activity_type?: string | null
          id?: string | null
          metadata?: Json | null
          organization_id?: string | null
          points?: number | null
          reason?: string | null
          timestamp?: string | null
          user_id?: string | null
        }
        Relationships: []
      }
      points_history: {
        Row: {
          amount: number | null
          balance_after: number | null
          created_at: string | null
          created_by: string | null
          entry_hash: string | null
          entry_no: number | null
          erased_words: string[] | null
          id: string | null
          idempotency_key: string | null
          metadata: Json | null
          occurred_at: string | null
          organization_id: string | null
          reason: string | null
          reference_id: string | null
          reference_type: string | null
          reverses_id: string | null
          transaction_type: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: []
      }
      preferences: {
        Row: {
          created_at: string | null
          dashboard: Json | null
          language: string | null
          notifications: Json | null
          organization_id: string | null
          theme: string | null
          time_zone: string | null
          updated_at: string | null
          user_id: string | null
          widgets: Json | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          created_at?: string | null
          dashboard?: Json | null
          language?: string | null
          notifications?: Json | null
          organization_id?: string | null
          theme?: string | null
          time_zone?: string | null
          updated_at?: string | null
          user_id?: string | null
          widgets?: Json | null
        }
        Update: {
          created_at?: string | null
          dashboard?: Json | null
          language?: string | null
          notifications?: Json | null
          organization_id?: string | null
          theme?: string | null
          time_zone?: string | null
          updated_at?: string | null
          user_id?: string | null
          widgets?: Json | null
        }
        Relationships: [
          {
            foreignKeyName: "user_preferences_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      tier_status: {
        Row: {
          counted_from: string | null
          counted_points: number | null
          kept_until: string | null
          next_tier: string | null
          organization_id: string | null
          points_to_keep: number | null
          points_to_next: number | null
          tier: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: [
          {
            foreignKeyName: "user_points_membership_fkey"
            columns: ["user_id", "organization_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["user_id", "organization_id"]
          },
        ]
      }
      trainer_agenda: {
        Row: {
          due_at: string | null
          item_id: string | null
          items: number | null
          kind: string | null
          organization_id: string | null
          title: string | null
          trainer_id: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Relationships: []
      }
      user_achievements: {
        Row: {
          achievement_id: string | null
          earned_at: string | null
          id: string | null
          organization_id: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          achievement_id?: string | null
          earned_at?: string | null
          id?: string | null
          organization_id?: string | null
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "badge_awards_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
      user_profiles: {
        Row: {
          address: string | null
          avatar_thumbnail_url: string | null
          avatar_url: string | null
          bio: string | null
          city: string | null
          country: string | null
          created_date: string | null
          date_of_birth: string | null
          display_name: string | null
          emergency_contact: string | null
          emergency_phone: string | null
          metadata: Json | null
          organization_id: string | null
          phone: string | null
          postal_code: string | null
          preferences: Json | null
          privacy_settings: Json | null
          skills: Json | null
          state: string | null
          updated_date: string | null
          user_email: string | null
          user_id: string | null
          member: {
            avatar_url: string | null
            department: string | null
            email: string | null
            first_name: string | null
            full_name: string | null
            id: string | null
            is_active: boolean | null
            job_title: string | null
            last_name: string | null
            manager_id: string | null
            organization_id: string | null
          } | null
        }
        Insert: {
          address?: never
          avatar_thumbnail_url?: string | null
          avatar_url?: string | null
          bio?: string | null
          city?: string | null
          country?: string | null
          created_date?: string | null
          date_of_birth?: never
          display_name?: string | null
          emergency_contact?: never
          emergency_phone?: never
          metadata?: Json | null
          organization_id?: string | null
          phone?: never
          postal_code?: string | null
          preferences?: Json | null
          privacy_settings?: Json | null
          skills?: Json | null
          state?: string | null
          updated_date?: string | null
          user_email?: never
          user_id?: string | null
        }
        Update: {
          address?: never
          avatar_thumbnail_url?: string | null
          avatar_url?: string | null
          bio?: string | null
          city?: string | null
          country?: string | null
          created_date?: string | null
          date_of_birth?: never
          display_name?: string | null
          emergency_contact?: never
          emergency_phone?: never
          metadata?: Json | null
          organization_id?: string | null
          phone?: never
          postal_code?: string | null
          preferences?: Json | null
          privacy_settings?: Json | null
          skills?: Json | null
          state?: string | null
          updated_date?: string | null
          user_email?: never
          user_id?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "profiles_membership_fkey"
            columns: ["organization_id", "user_id"]
            isOneToOne: false
            referencedRelation: "user_organizations"
            referencedColumns: ["organization_id", "user_id"]
          },
        ]
      }
    }
    Functions: {
      accept_buddy: { Args: { match_id: string }; Returns: string }
      accept_invitation: {
        Args: { display_name?: string; invitation_id?: string; token?: string }
        Returns: string
      }
      add_working_days: {
        Args: { days: number; from_date: string; organization_id: string }
        Returns: string
      }
      administers: { Args: { organization_id: string }; Returns: boolean }
      alert_requests: { Args: Record<PropertyKey, never>; Returns: number }
      answer_request: {
        Args: { answer?: string; refused?: boolean; request_id: string }
        Returns: undefined
      }
      appointment_ics: { Args: { appointment_id: string }; Returns: string }
      approve_buddies: {
        Args: { matches?: string[]; organization_id?: string }
        Returns: number
      }
      approve_recognition: {
        Args: { note?: string; recognition_id: string }
        Returns: undefined
      }
      approve_redemption: {
        Args: { note?: string; redemption_id: string }
        Returns: undefined
      }
      attempt_questions: {
        Args: { attempt_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["attempt_question"][]
        SetofOptions: {
          from: "*"
          to: "attempt_question"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      attendees: {
        Args: { event_id: string }
        Returns: {
          attendance_status: string
          check_in_time: string
          feedback: string
          feedback_rating: number
          guests: number
          name: string
          rsvp_status: string
          user_id: string
          waitlisted_at: string
        }[]
      }
      audit_seal: {
        Args: Record<PropertyKey, never>
        Returns: Database["laurel"]["CompositeTypes"]["audit_seal"]
        SetofOptions: {
          from: "*"
          to: "audit_seal"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      audited_columns: {
        Args: Record<PropertyKey, never>
        Returns: {
          column_name: string
          commands: string[]
          schema_name: string
          shown: boolean
          table_name: string
        }[]
      }
      award_badge: {
        Args: {
          awarded_by?: string
          badge: string
          note?: string
          organization_id?: string
          user_id: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["awarded_badge"]
        SetofOptions: {
          from: "*"
          to: "awarded_badge"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      award_badge_named: {
        Args: {
          awarded_by?: string
          note?: string
          organization_id?: string
          slug: string
          user_id: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["awarded_badge"]
        SetofOptions: {
          from: "*"
          to: "awarded_badge"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      award_earned_badges: { Args: { badge: string }; Returns: number }
      balance_at: {
        Args: { at: string; organization_id?: string; user_id: string }
        Returns: number
      }
      block_member: { Args: { user_id: string }; Returns: boolean }
      book_appointment: {
        Args: {
          beneficiary_id: string
          end_time: string
          location?: string
          meeting_url?: string
          room_id?: string
          start_time: string
          title?: string
          trainer_id?: string
          type?: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      calendar_feed: { Args: { token: string }; Returns: string }
      can_start: {
        Args: { module_id: string; user_id?: string }
        Returns: Database["laurel"]["CompositeTypes"]["module_start"]
        SetofOptions: {
          from: "*"
          to: "module_start"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      cancel_appointment: {
        Args: { appointment_id: string; reason?: string }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      cancel_erasure: { Args: { user_id: string }; Returns: number }
      cancel_redemption: {
        Args: { note?: string; redemption_id: string }
        Returns: undefined
      }
      capture_hold: {
        Args: { amount?: number; hold_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["posted_entry"]
        SetofOptions: {
          from: "*"
          to: "posted_entry"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      certificate: {
        Args: { award: string }
        Returns: Database["laurel"]["CompositeTypes"]["printed_certificate"]
        SetofOptions: {
          from: "*"
          to: "printed_certificate"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      change_email: {
        Args: { email: string; user_id?: string }
        Returns: undefined
      }
      check: {
        Args: { only_table?: unknown }
        Returns: Database["laurel"]["CompositeTypes"]["finding"][]
        SetofOptions: {
          from: "*"
          to: "finding"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      check_in: {
        Args: { at?: string; event_id: string; user_id?: string }
        Returns: undefined
      }
      choose_team: {
        Args: { organization_id?: string; team_id: string; user_id?: string }
        Returns: undefined
      }
      clear_suppression: {
        Args: { address: string; organization_id?: string }
        Returns: number
      }
      complete_appointment: {
        Args: { appointment_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      complete_module: {
        Args: {
          answers?: Json
          module_id: string
          score?: number
          time_spent?: number
          user_id?: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["module_result"]
        SetofOptions: {
          from: "*"
          to: "module_result"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      complete_onboarding_task: {
        Args: { note?: string; task_id: string }
        Returns: undefined
      }
      confirm_appointment: {
        Args: { appointment_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      confirm_email: { Args: { token: string }; Returns: string }
      consume_one_time_token: {
        Args: { purpose: string; token: string }
        Returns: string
      }
      create_api: { Args: { schema?: unknown }; Returns: string[] }
      create_calendar_feed: {
        Args: { organization_id?: string }
        Returns: string
      }
      create_invitation_token: {
        Args: { invitation_id: string }
        Returns: string
      }
      create_one_time_token: {
        Args: { lifetime?: string; purpose: string; user_id: string }
        Returns: string
      }
      create_session: {
        Args: {
          ip_address?: unknown
          lifetime?: string
          user_agent?: string
          user_id: string
        }
        Returns: string
      }
      create_webhook_endpoint: {
        Args: {
          allow_insecure?: boolean
          description?: string
          event_types?: string[]
          organization_id?: string
          url: string
          user_id?: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["created_webhook_endpoint"]
        SetofOptions: {
          from: "*"
          to: "created_webhook_endpoint"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      credential: { Args: { award: string }; Returns: Json }
      credential_jwt: { Args: { award: string }; Returns: string }
      credential_status: {
        Args: { credential_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["credential_verification"]
        SetofOptions: {
          from: "*"
          to: "credential_verification"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      deactivate_account: {
        Args: Record<PropertyKey, never>
        Returns: undefined
      }
      dead_deliveries: {
        Args: { max_rows?: number }
        Returns: {
          attempts: number
          channel: string
          created_at: string
          endpoint_id: string
          id: string
          notification_id: string
          organization_id: string
          reason: string
          user_id: string
        }[]
      }
      decline_buddy: { Args: { match_id: string }; Returns: undefined }
      decline_invitation: {
        Args: { invitation_id?: string; token?: string }
        Returns: undefined
      }
      decline_redemption: {
        Args: { note?: string; redemption_id: string }
        Returns: undefined
      }
      delete_account: { Args: Record<PropertyKey, never>; Returns: undefined }
      delete_messages: { Args: { ids: string[] }; Returns: number }
      delivery_history: {
        Args: { span?: string; step?: string }
        Returns: {
          at: string
          cancelled: number
          channel: string
          dead: number
          delivered: number
          latency_p50_ms: number
          latency_p99_ms: number
          retried: number
        }[]
      }
      delivery_status: {
        Args: Record<PropertyKey, never>
        Returns: {
          cancelled_last_hour: number
          channel: string
          dead: number
          dead_last_hour: number
          delivered_last_hour: number
          due: number
          latency_p50_ms: number
          latency_p99_ms: number
          leased: number
          oldest_due_at: string
          retried_last_hour: number
          waiting: number
        }[]
      }
      disable_webhook_endpoint: {
        Args: { endpoint: string; reason?: string }
        Returns: number
      }
      emit: {
        Args: {
          event_id?: string
          organization_id?: string
          payload?: Json
          type: string
          user_id: string
        }
        Returns: string
      }
      enable_webhook_endpoint: {
        Args: { endpoint: string }
        Returns: undefined
      }
      end_buddy: { Args: { match_id: string }; Returns: undefined }
      end_series: {
        Args: { cancel?: boolean; series_id: string }
        Returns: number
      }
      enroll: {
        Args: { learning_path_id: string; user_id?: string }
        Returns: string
      }
      erase_user: {
        Args: { organization_id?: string; reason?: string; user_id: string }
        Returns: string
      }
      event_ics: { Args: { event_id: string }; Returns: string }
      expire_appointments: { Args: Record<PropertyKey, never>; Returns: number }
      expire_holds: { Args: Record<PropertyKey, never>; Returns: number }
      expiring_points: {
        Args: { organization_id?: string; user_id?: string }
        Returns: {
          earned_at: string
          entry_id: string
          expires_at: string
          points: number
          rule: string
        }[]
      }
      explain_rules: {
        Args: { event_id: string }
        Returns: {
          fires: boolean
          looked_at: Json
          matches: boolean
          next_eligible_at: string
          reason: string
          rule_id: string
          rule_name: string
          version: number
        }[]
      }
      export_user: { Args: { user_id?: string }; Returns: Json }
      export_user_rows: {
        Args: { user_id?: string }
        Returns: {
          part: string
          row: Json
        }[]
      }
      extend_request: {
        Args: { reason: string; request_id: string }
        Returns: string
      }
      extend_series: { Args: Record<PropertyKey, never>; Returns: number }
      find_personal: {
        Args: { column_name: unknown; table_name: unknown; value: string }
        Returns: string[]
      }
      free_slots: {
        Args: {
          duration?: string
          from_time: string
          trainer_id: string
          until_time: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["free_slot"][]
        SetofOptions: {
          from: "*"
          to: "free_slot"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      freeze_finished_leaderboards: {
        Args: Record<PropertyKey, never>
        Returns: number
      }
      freeze_leaderboard: {
        Args: { organization_id?: string; period: string; period_start: string }
        Returns: number
      }
      frozen_leaderboard: {
        Args: {
          max_rows?: number
          organization_id?: string
          period: string
          period_start: string
        }
        Returns: {
          avatar_url: string
          display_name: string
          is_me: boolean
          points: number
          rank: number
          user_id: string
        }[]
      }
      fulfil_redemption: {
        Args: { note?: string; redemption_id: string; reference?: string }
        Returns: undefined
      }
      has_role: { Args: { role: string }; Returns: boolean }
      history_of: {
        Args: { row_id: string; table_name: unknown }
        Returns: {
          actor_id: string
          after: Json
          application_name: string
          before: Json
          created_at: string
          hidden: Json
          id: string
          operation: string
          request_id: string
          role: string
        }[]
      }
      hold_appointment: {
        Args: {
          beneficiary_id: string
          end_time: string
          hold_for?: string
          room_id?: string
          start_time: string
          title?: string
          trainer_id?: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      hold_points: {
        Args: {
          amount: number
          expires_at?: string
          idempotency_key?: string
          metadata?: Json
          organization_id?: string
          reason?: string
          reference_id?: string
          reference_type?: string
          transaction_type?: string
          user_id: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["held_points"]
        SetofOptions: {
          from: "*"
          to: "held_points"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      invite_member: {
        Args: {
          by_mail?: boolean
          email?: string
          lifetime?: string
          organization_id?: string
          roles?: string[]
          user_id?: string
        }
        Returns: string
      }
      invite_to_event: {
        Args: { event_id: string; user_ids: string[] }
        Returns: number
      }
      issuer_document: { Args: { organization_id: string }; Returns: Json }
      job_status: {
        Args: Record<PropertyKey, never>
        Returns: {
          is_enabled: boolean
          job: string
          last_error: string
          last_finished_at: string
          last_started_at: string
          last_status: string
          next_run_at: string
          note: string
          runner: string
          schedule: string
        }[]
      }
      join_session: {
        Args: { beneficiary_id: string; session_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      leaderboard: {
        Args: {
          around_user?: string
          max_rows?: number
          organization_id?: string
          period?: string
        }
        Returns: {
          avatar_url: string
          current_level: number
          display_name: string
          is_me: boolean
          points: number
          rank: number
          reached_at: string
          tier: string
          user_id: string
        }[]
      }
      ledger_seal: {
        Args: { organization_id?: string }
        Returns: {
          accounts: number
          entries: number
          open_from: string
          organization_id: string
          previous_hash: string
          root: string
          seal_hash: string
          seal_no: number
          sealed_at: string
        }[]
      }
      level_for: {
        Args: { organization_id: string; points: number }
        Returns: number
      }
      log_error: {
        Args: {
          context?: Json
          error_message: string
          error_type: string
          request_id?: string
          severity?: string
          traceback?: string
        }
        Returns: string
      }
      mail_address: { Args: { address: string }; Returns: string }
      maintain_partitions: {
        Args: { months_ahead?: number }
        Returns: {
          partitions: number
          problem: string
          table_name: string
        }[]
      }
      make_privacy_request: {
        Args: { kind: string; reason?: string; user_id?: string }
        Returns: string
      }
      mark_messages_read: {
        Args: { ids?: string[]; thread_id?: string }
        Returns: number
      }
      mark_no_show: {
        Args: { appointment_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      mark_notifications_read: { Args: { ids?: string[] }; Returns: number }
      mark_response: {
        Args: {
          feedback?: string
          is_final?: boolean
          points?: number
          response_id: string
          rubric?: Json
        }
        Returns: Database["laurel"]["CompositeTypes"]["marked_response"]
        SetofOptions: {
          from: "*"
          to: "marked_response"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      match_buddies: {
        Args: { organization_id?: string }
        Returns: {
          buddy_id: string
          explanation: Json
          match_id: string
          reason: string
          score: number
          status: string
          user_id: string
        }[]
      }
      member:
        | {
            Args: { "": Database["laurel"]["Tables"]["appointments"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.appointments"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["assessment_accommodations"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.assessment_accommodations"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["assessment_attempts"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.assessment_attempts"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["assessment_results"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.assessment_results"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["assessments"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.assessments"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["assigned_learning"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.assigned_learning"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["audit_log"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.audit_log"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["availability_exceptions"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.availability_exceptions"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["availability_rules"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.availability_rules"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["badge_awards"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.badge_awards"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["badge_revocations"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.badge_revocations"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["beneficiaries"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.beneficiaries"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["beneficiary_notes"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.beneficiary_notes"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Views"]["beneficiary_report"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.beneficiary_report"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["best_results"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.best_results"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["buddy_matches"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.buddy_matches"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["buddy_profiles"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.buddy_profiles"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["buddy_requests"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.buddy_requests"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["calendar_feeds"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.calendar_feeds"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["channel_members"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.channel_members"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["credentials"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.credentials"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["daily_activity"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.daily_activity"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["delivery_attempts"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.delivery_attempts"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["documents"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.documents"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["domain_events"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.domain_events"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["enrollments"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.enrollments"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["erasures"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.erasures"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["error_logs"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.error_logs"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["invitations"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.invitations"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Views"]["leaderboard_monthly"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.leaderboard_monthly"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["leaderboard_standings"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.leaderboard_standings"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Views"]["leaderboard_weekly"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.leaderboard_weekly"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["learning_assignments"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.learning_assignments"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["learning_due"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.learning_due"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["learning_path_progress"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.learning_path_progress"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["legal_holds"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.legal_holds"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["marking_queue"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.marking_queue"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["member_benefits"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.member_benefits"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["message_blocks"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.message_blocks"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["module_completions"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.module_completions"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["notification_deliveries"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.notification_deliveries"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["notifications"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.notifications"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["onboarding_check_ins"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.onboarding_check_ins"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["onboarding_tasks"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.onboarding_tasks"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["one_time_tokens"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.one_time_tokens"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["participations"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.participations"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["path_certifications"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.path_certifications"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["personal_challenges"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.personal_challenges"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["point_holds"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.point_holds"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Views"]["point_transactions"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.point_transactions"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["points_history"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.points_history"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["points_ledger"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.points_ledger"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["points_ledger_archive"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.points_ledger_archive"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["preferences"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.preferences"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["privacy_requests"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.privacy_requests"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["processing_log"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.processing_log"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["profiles"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.profiles"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["quota_usage"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.quota_usage"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["recognition_comments"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.recognition_comments"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["recognition_reactions"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.recognition_reactions"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["redemptions"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.redemptions"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["response_marks"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.response_marks"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["responses"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.responses"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["reward_vouchers"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.reward_vouchers"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["rule_executions"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.rule_executions"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["sessions"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.sessions"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["streak_freezes"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.streak_freezes"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["suppressed_addresses"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.suppressed_addresses"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["team_memberships"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.team_memberships"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["tier_status"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.tier_status"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["trainer_agenda"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.trainer_agenda"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["trainer_calendars"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.trainer_calendars"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Views"]["user_achievements"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_achievements"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["user_exports"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_exports"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["user_identities"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_identities"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["user_onboardings"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_onboardings"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["user_organizations"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_organizations"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["user_points"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_points"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["user_preferences"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_preferences"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Views"]["user_profiles"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_profiles"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["laurel"]["Tables"]["user_roles"]["Row"] }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.user_roles"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["laurel"]["Tables"]["webhook_endpoints"]["Row"]
            }
            Returns: {
              avatar_url: string | null
              department: string | null
              email: string | null
              first_name: string | null
              full_name: string | null
              id: string | null
              is_active: boolean | null
              job_title: string | null
              last_name: string | null
              manager_id: string | null
              organization_id: string | null
            }
            SetofOptions: {
              from: "laurel.webhook_endpoints"
              to: "people"
              isOneToOne: true
              isSetofReturn: true
            }
          }
      member_of: { Args: { organization_id: string }; Returns: boolean }
      merge_users: {
        Args: { from: string; into: string; reason?: string }
        Returns: Database["laurel"]["CompositeTypes"]["merged_users"]
        SetofOptions: {
          from: "*"
          to: "merged_users"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      message_thread: {
        Args: { before?: string; max_rows?: number; thread_id: string }
        Returns: {
          attachments: Json
          content: string
          created_at: string
          id: string
          is_read: boolean
          parent_id: string
          read_at: string
          recipient_ids: string[]
          recipient_names: string[]
          sender_id: string
          sender_name: string
          subject: string
        }[]
      }
      message_threads: {
        Args: { before?: string; max_rows?: number }
        Returns: {
          excerpt: string
          last_at: string
          last_message_id: string
          last_sender_id: string
          last_sender_name: string
          message_count: number
          subject: string
          thread_id: string
          unread_count: number
        }[]
      }
      messages_of: {
        Args: { organization_id?: string; purpose: string; user_id: string }
        Returns: {
          attachments: Json
          content: string
          created_at: string
          id: string
          recipient_id: string
          sender_id: string
          subject: string
          thread_id: string
        }[]
      }
      migrate: { Args: { target?: string }; Returns: string[] }
      migration_status: {
        Args: Record<PropertyKey, never>
        Returns: {
          applied_at: string
          checksum: string
          name: string
          state: string
          version: string
        }[]
      }
      my_buddies: {
        Args: Record<PropertyKey, never>
        Returns: {
          explanation: Json
          i_accepted: boolean
          i_am: string
          match_id: string
          other_id: string
          other_name: string
          proposed_at: string
          score: number
          status: string
        }[]
      }
      my_invitations: {
        Args: Record<PropertyKey, never>
        Returns: {
          expires_at: string
          invitation_id: string
          organization_id: string
          organization_name: string
          roles: string[]
        }[]
      }
      notify: {
        Args: {
          channels?: string[]
          data?: Json
          dedupe_key?: string
          link?: string
          message?: string
          organization_id?: string
          priority?: number
          title: string
          type: string
          user_id: string
        }
        Returns: string
      }
      onboarding_plan: {
        Args: { onboarding_id: string }
        Returns: {
          assignee_id: string
          completed_at: string
          completed_by: string
          description: string
          due_on: string
          is_overdue: boolean
          is_required: boolean
          note: string
          owner_role: string
          position: number
          status: string
          task_id: string
          title: string
          waits_for: string[]
        }[]
      }
      onboarding_progress: {
        Args: { user_id?: string }
        Returns: {
          day: number
          duration_days: number
          is_on_track: boolean
          next_check_in_on: string
          next_due_on: string
          onboarding_id: string
          organization_id: string
          progress_percentage: number
          start_date: string
          status: string
          tasks_done: number
          tasks_open: number
          tasks_overdue: number
          template_id: string
        }[]
      }
      org_id: { Args: Record<PropertyKey, never>; Returns: string }
      pii_columns: {
        Args: Record<PropertyKey, never>
        Returns: Database["laurel"]["CompositeTypes"]["pii_column"][]
        SetofOptions: {
          from: "*"
          to: "pii_column"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      pii_keys: {
        Args: Record<PropertyKey, never>
        Returns: {
          is_active: boolean
          is_there: boolean
          key: string
          value_count: number
        }[]
      }
      points_liability: {
        Args: { ages?: number[]; as_of?: string; organization_id?: string }
        Returns: {
          accounts: number
          age_from: number
          age_until: number
          points: number
          tier: string
        }[]
      }
      preview_series: {
        Args: {
          count?: number
          rrule: string
          starts_on: string
          time_zone: string
        }
        Returns: {
          day: string
          starts_at: string
        }[]
      }
      promote_waiting: { Args: Record<PropertyKey, never>; Returns: number }
      prove_entry: {
        Args: { entry_id: string; seal_no?: number }
        Returns: Json
      }
      rank_of: {
        Args: { organization_id?: string; period?: string; user_id: string }
        Returns: number
      }
      reading_for: {
        Args: {
          organization_id?: string
          purpose: string
          user_id?: string
          valid_for?: string
        }
        Returns: string
      }
      reapply_erasures: {
        Args: { users?: string[] }
        Returns: {
          organization_id: string
          outcome: string
          user_id: string
        }[]
      }
      recertify: {
        Args: { learning_path_id: string; user_id?: string }
        Returns: number
      }
      recognition_allowance: {
        Args: { organization_id?: string; user_id?: string }
        Returns: {
          allowed: number
          ends_at: string
          month: string
          remaining: number
          used: number
        }[]
      }
      recognition_feed: {
        Args: { before?: string; max_rows?: number }
        Returns: {
          adds_to: string
          comments_count: number
          company_value: string
          created_at: string
          id: string
          message: string
          points_awarded: number
          reactions_count: number
          recipient_id: string
          recipient_name: string
          sender_id: string
          sender_name: string
          visibility: string
        }[]
      }
      recognize: {
        Args: {
          company_value_id?: string
          message: string
          points?: number
          recipients: string[]
          split?: boolean
          team_id?: string
          visibility?: string
        }
        Returns: {
          id: string
          points_awarded: number
          recipient_id: string
          status: string
        }[]
      }
      record_activity: {
        Args: { at?: string; organization_id?: string; user_id?: string }
        Returns: Database["laurel"]["CompositeTypes"]["activity_streaks"]
        SetofOptions: {
          from: "*"
          to: "activity_streaks"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      record_login: { Args: { user_id: string }; Returns: undefined }
      record_points_transaction: {
        Args: {
          amount: number
          idempotency_key?: string
          metadata?: Json
          occurred_at?: string
          organization_id?: string
          reason?: string
          reference_id?: string
          reference_type?: string
          transaction_type: string
          user_id: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["posted_entry"]
        SetofOptions: {
          from: "*"
          to: "posted_entry"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      record_points_transactions: {
        Args: { transactions: Json }
        Returns: Database["laurel"]["CompositeTypes"]["posted_element"][]
        SetofOptions: {
          from: "*"
          to: "posted_element"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      redeem: {
        Args: {
          expected_price?: number
          idempotency_key?: string
          note?: string
          quantity?: number
          reward_id: string
          user_id?: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["redeemed_reward"]
        SetofOptions: {
          from: "*"
          to: "redeemed_reward"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      redrive_deliveries: {
        Args: { channel?: string; ids?: string[]; organization_id?: string }
        Returns: number
      }
      refresh_view: { Args: { view_name: string }; Returns: undefined }
      regrade_assessment: {
        Args: { assessment_id: string; question_id?: string; reason: string }
        Returns: number
      }
      reject_recognition: {
        Args: { note?: string; recognition_id: string }
        Returns: undefined
      }
      release_hold: { Args: { hold_id: string }; Returns: boolean }
      remind_learners: { Args: Record<PropertyKey, never>; Returns: number }
      remind_onboarding: { Args: Record<PropertyKey, never>; Returns: number }
      report_bounce: {
        Args: {
          address: string
          bounced_at?: string
          code: string
          organization_id?: string
          reason?: string
          report?: string
        }
        Returns: boolean
      }
      reschedule_appointment: {
        Args: {
          appointment_id: string
          end_time: string
          room_id?: string
          start_time: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["booking"]
        SetofOptions: {
          from: "*"
          to: "booking"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      reverse_points_transaction: {
        Args: { entry_id: string; reason?: string }
        Returns: Database["laurel"]["CompositeTypes"]["reversed_entry"]
        SetofOptions: {
          from: "*"
          to: "reversed_entry"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      review_attempt: {
        Args: { attempt_id: string }
        Returns: Database["laurel"]["CompositeTypes"]["reviewed_answer"][]
        SetofOptions: {
          from: "*"
          to: "reviewed_answer"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      revoke_badge: {
        Args: {
          badge: string
          organization_id?: string
          reason: string
          user_id: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["revoked_badge"]
        SetofOptions: {
          from: "*"
          to: "revoked_badge"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      revoke_badge_named: {
        Args: {
          organization_id?: string
          reason: string
          slug: string
          user_id: string
        }
        Returns: Database["laurel"]["CompositeTypes"]["revoked_badge"]
        SetofOptions: {
          from: "*"
          to: "revoked_badge"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      revoke_calendar_feed: {
        Args: { organization_id?: string }
        Returns: boolean
      }
      revoke_credential: {
        Args: { credential_id: string; reason: string }
        Returns: undefined
      }
      revoke_credential_key: {
        Args: { key_id: string; organization_id?: string; reason: string }
        Returns: number
      }
      revoke_session: { Args: { token: string }; Returns: boolean }
      revoke_sessions: { Args: { user_id: string }; Returns: number }
      rotate_pii_key: { Args: { most_rows?: number }; Returns: number }
      rotate_webhook_secret: {
        Args: { endpoint: string; grace?: string }
        Returns: string
      }
      run_waiting_rules: { Args: Record<PropertyKey, never>; Returns: number }
      save_answers: {
        Args: {
          answers: Json
          attempt_id: string
          session_key?: string
          time_spent?: Json
        }
        Returns: number
      }
      schedule: {
        Args: Record<PropertyKey, never>
        Returns: {
          detail: string
          job: string
          runner: string
          schedule: string
        }[]
      }
      seal_audit: { Args: Record<PropertyKey, never>; Returns: number }
      seal_ledger: { Args: { thorough?: boolean }; Returns: number }
      search_messages: {
        Args: { max_rows?: number; query: string }
        Returns: {
          created_at: string
          excerpt: string
          id: string
          recipient_id: string
          sender_id: string
          subject: string
          thread_id: string
        }[]
      }
      send_message: {
        Args: {
          attachments?: Json
          content?: string
          parent_id?: string
          recipients?: string[]
          subject?: string
        }
        Returns: {
          id: string
          recipient_id: string
          thread_id: string
        }[]
      }
      send_reminders: { Args: Record<PropertyKey, never>; Returns: number }
      session_user_id: { Args: { token: string }; Returns: string }
      set_context: {
        Args: { organization_id?: string; user_id: string }
        Returns: undefined
      }
      set_password: {
        Args: { current_password?: string; password: string; user_id: string }
        Returns: undefined
      }
      setting: {
        Args: { key: string; organization_id?: string }
        Returns: string
      }
      setting_json: {
        Args: { key: string; organization_id?: string }
        Returns: Json
      }
      simulate_rule: {
        Args: { from?: string; rule_id: string; until?: string }
        Returns: {
          badges: number
          capped: number
          matched: number
          notifications: number
          points: number
          user_id: string
          would_fire: number
        }[]
      }
      standings: {
        Args: { period: string }
        Returns: {
          points: number
          rank: number
          user_id: string
        }[]
      }
      start_attempt: {
        Args: { assessment_id: string; user_id?: string }
        Returns: Database["laurel"]["CompositeTypes"]["started_attempt"]
        SetofOptions: {
          from: "*"
          to: "started_attempt"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      start_onboarding: {
        Args: {
          assigned_buddy_id?: string
          manager_id?: string
          start_date?: string
          template_id: string
          user_id: string
        }
        Returns: string
      }
      status_list: {
        Args: { list_no?: number; organization_id: string }
        Returns: Json
      }
      store_analysis: {
        Args: {
          ai_analysis: Json
          analysis_id: string
          recommendations?: Json
          result_id: string
        }
        Returns: boolean
      }
      streak_of: {
        Args: { organization_id?: string; user_id?: string }
        Returns: number
      }
      submit_attempt: {
        Args: { answers?: Json; attempt_id: string; session_key?: string }
        Returns: Database["laurel"]["CompositeTypes"]["submitted_attempt"]
        SetofOptions: {
          from: "*"
          to: "submitted_attempt"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      submit_overdue_attempts: {
        Args: Record<PropertyKey, never>
        Returns: number
      }
      team_role: { Args: { team_id: string }; Returns: string }
      tier_for: {
        Args: { organization_id: string; points: number }
        Returns: string
      }
      uid: { Args: Record<PropertyKey, never>; Returns: string }
      unblock_member: { Args: { user_id: string }; Returns: boolean }
      unread_messages: { Args: { at_most?: number }; Returns: number }
      unread_notifications: { Args: { at_most?: number }; Returns: number }
      unschedule: {
        Args: Record<PropertyKey, never>
        Returns: {
          detail: string
          job: string
          runner: string
          schedule: string
        }[]
      }
      unsubscribe: { Args: { token: string }; Returns: boolean }
      uuidv7: { Args: Record<PropertyKey, never>; Returns: string }
      verify_audit: {
        Args: { from?: string; kept?: string; until?: string }
        Returns: {
          problem: string
          seal_no: number
          sealed_from: string
          sealed_until: string
        }[]
      }
      verify_credential: {
        Args: { credential: Json }
        Returns: Database["laurel"]["CompositeTypes"]["credential_verification"]
        SetofOptions: {
          from: "*"
          to: "credential_verification"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      verify_ledger: {
        Args: { member?: string; since?: string }
        Returns: {
          entry_no: number
          organization_id: string
          problem: string
          user_id: string
        }[]
      }
      verify_password: {
        Args: { email: string; password: string }
        Returns: string
      }
      voucher_codes: {
        Args: { redemption_id: string }
        Returns: {
          code: string
          valid_until: string
        }[]
      }
      who_can_see: {
        Args: { document_id: string }
        Returns: {
          permission: string
          reason: string
          shared_by: string
          until: string
          user_id: string
        }[]
      }
      withdraw_invitation: {
        Args: { invitation_id: string }
        Returns: undefined
      }
      withdraw_recognition: {
        Args: { recognition_id: string }
        Returns: undefined
      }
      withdraw_vouchers: {
        Args: { codes: string[]; reward_id: string }
        Returns: number
      }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      activity_streaks: {
        current_streak: number | null
        longest_streak: number | null
      }
      attempt_question: {
        position: number | null
        question_id: string | null
        type: string | null
        text: string | null
        options: Json | null
        points: number | null
        penalty: number | null
        required: boolean | null
        answer: string | null
      }
      audit_seal: {
        seal_no: number | null
        sealed_at: string | null
        open_from: string | null
        lines: number | null
        total: number | null
        root: string | null
        seal_hash: string | null
      }
      awarded_badge: {
        award_id: string | null
        points: number | null
        balance_after: number | null
      }
      booking: {
        appointment_id: string | null
        status: string | null
        start_time: string | null
        end_time: string | null
        is_new: boolean | null
      }
      created_webhook_endpoint: {
        endpoint_id: string | null
        secret: string | null
      }
      credential_verification: {
        status: string | null
        reason: string | null
        credential_id: string | null
        issuer_id: string | null
        issuer_name: string | null
        badge_name: string | null
        valid_from: string | null
        valid_until: string | null
        revoked_at: string | null
      }
      finding: {
        table_name: string | null
        guard: string | null
        organization_id: string | null
        row_id: string | null
        problem: string | null
      }
      free_slot: {
        start_time: string | null
        end_time: string | null
      }
      held_points: {
        hold_id: string | null
        amount: number | null
        balance: number | null
        points_held: number | null
        available: number | null
        is_new: boolean | null
      }
      marked_response: {
        response_id: string | null
        points_earned: number | null
        marks: number | null
        waits: boolean | null
        attempt_status: string | null
      }
      merged_users: {
        merge_id: string | null
        from_id: string | null
        into_id: string | null
        points: number | null
        moved: Json | null
        is_new: boolean | null
      }
      module_result: {
        completion_id: string | null
        status: string | null
        quiz_score: number | null
        passing_score: number | null
        attempts: number | null
        points_earned: number | null
        progress_percentage: number | null
        path_status: string | null
      }
      module_start: {
        can_start: boolean | null
        reason: string | null
        missing: string[] | null
        attempts_left: number | null
        next_attempt_at: string | null
      }
      pii_column: {
        schema_name: string | null
        table_name: string | null
        column_name: string | null
        data_type: string | null
        encrypted: boolean | null
      }
      posted_element: {
        position: number | null
        entry_id: string | null
        entry_no: number | null
        balance_after: number | null
        is_new: boolean | null
      }
      posted_entry: {
        entry_id: string | null
        entry_no: number | null
        balance_after: number | null
        is_new: boolean | null
      }
      printed_certificate: {
        credential_id: string | null
        holder_name: string | null
        badge_name: string | null
        description: string | null
        criteria: string | null
        issuer_name: string | null
        color: string | null
        awarded_on: string | null
        valid_until: string | null
        address: string | null
      }
      redeemed_reward: {
        redemption_id: string | null
        status: string | null
        points: number | null
        unit_price: number | null
        is_new: boolean | null
      }
      reversed_entry: {
        reversal_id: string | null
        entry_no: number | null
        balance_after: number | null
        is_new: boolean | null
      }
      reviewed_answer: {
        position: number | null
        question_id: string | null
        type: string | null
        text: string | null
        options: Json | null
        answer: string | null
        is_correct: boolean | null
        points_earned: number | null
        points_lost: number | null
        points: number | null
        correct_answer: string | null
        explanation: string | null
      }
      revoked_badge: {
        award_id: string | null
        points: number | null
        balance_after: number | null
      }
      started_attempt: {
        attempt_id: string | null
        attempt_number: number | null
        session_key: string | null
        is_new: boolean | null
        started_at: string | null
        due_at: string | null
        seconds_left: number | null
        questions: number | null
        max_score: number | null
      }
      submitted_attempt: {
        attempt_id: string | null
        status: string | null
        score: number | null
        max_score: number | null
        percentage: number | null
        passed: boolean | null
        time_taken: number | null
        to_mark: number | null
      }
    }
  }
}

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "laurel">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] &
        DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] &
        DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R
      }
      ? R
      : never
    : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I
      }
      ? I
      : never
    : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U
      }
      ? U
      : never
    : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never

export const Constants = {
  laurel: {
    Enums: {},
  },
} as const
